"""The ``comotion`` command: its options, its commands, and how every one of them ends."""

import logging
import os
import signal
import sys
import warnings
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO

import click
from click.core import ParameterSource

from comotion import __version__
from comotion.cli import auth, demo, exits, fake, loads, operations, output, queries, settings, uploads
from comotion.cli.reading import in_options
from comotion.cli.session import Session
from comotion.domain.errors import ComotionError, MissingServiceClientId

ENDINGS = """
Exit codes: 0 done, 1 an error, 2 a wrong command line, 3 a load, query or migration failed, 4 not signed in or not
allowed, 5 the network, 6 the time was over (the work goes on), 7 check sums differ, 130 interrupted
(also by SIGTERM or SIGHUP).
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "COMOTION"}, epilog=ENDINGS)
@click.option("-o", "--orgname", help="Your organisation's unique name.")
@click.option("-i", "--issuer", help="Base URL of the identity service, if it is not Comotion's.")
@click.option("--zone", help="Data zone of the lake.")
@click.option("--client-id", help="Sign in as this application.")
@click.option("--client-secret", help="The application's secret; better given as COMOTION_CLIENT_SECRET.")
@click.version_option(__version__, prog_name="comotion", message="%(prog)s %(version)s")
@click.pass_context
def comotion(context: click.Context, /, **given: str | None) -> None:
    """Load tables into a Comotion Dash lake, run queries, and try both on a fake Dash."""
    typed = {name for name in given if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    context.obj = Session({name: given[name] for name in typed})  # the rest is resolved, and its origin known


@comotion.group()
def dash() -> None:
    """Loads, queries, migration, daily run."""


for module in (auth, settings, demo, fake):
    for command in module.COMMANDS:
        comotion.add_command(command)
for module in (loads, uploads, queries, operations):
    for command in module.COMMANDS:
        dash.add_command(command)


def run() -> None:
    """The console script."""
    _end_as_interrupts_do("SIGTERM", "SIGHUP")
    if isinstance(sys.stdout, TextIOWrapper):  # as standard error does; a Windows pipe takes few characters
        sys.stdout.reconfigure(errors="backslashreplace")
    code = outcome()
    if code != exits.DONE:
        _leave_at_once(code)
    sys.exit(code)


def _end_as_interrupts_do(*names: str) -> None:
    """Whoever stops a command from outside has its query cancelled and its chunks dropped, too; nohup stays nohup."""
    for name in names:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with suppress(ValueError):  # run in another thread than the main one: signals are its caller's affair
                signal.signal(number, signal.default_int_handler)


def _leave_at_once(code: int) -> None:
    """End without taking the interpreter down: a thread of Arrow's that still reads would abort the process."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None where a shell closed it
        with suppress(OSError, ValueError):  # closed since, or nobody reads on
            stream.flush()
    os._exit(code)


def outcome(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code. Arguments are those of the process when left out."""
    if arguments is None:  # numpy's threads for matrices spin a tenth of a second, and nothing here has a matrix
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingServiceClientId)
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.showwarning = _show_warning
        return _ended(arguments)


def _ended(arguments: list[str] | None) -> int:
    stdout = sys.stdout
    try:
        comotion.main(arguments, prog_name="comotion", standalone_mode=False)
    except click.Abort as stopped:
        interrupted = isinstance(stopped.__context__, KeyboardInterrupt)
        output.prose("Error: interrupted" if interrupted else "Error: no answer, or no as the answer: nothing was done")
        return exits.INTERRUPTED if interrupted else exits.ERROR
    except click.exceptions.NoArgsIsHelpError as empty:
        empty.show()
        return exits.USAGE
    except click.ClickException as wrong:
        output.prose(f"Error: {_told(wrong)}")
        return wrong.exit_code
    except SystemExit:
        if sys.stdout is stdout:  # else nobody reads on: click puts a wrapper in its place and exits
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # say nothing at exit
        return exits.DONE
    except (ComotionError, OSError) as wrong:
        output.prose(f"Error: {in_options(exits.sentence(wrong))}")
        return exits.exit_code(wrong)
    except Exception as unforeseen:  # a script reads one line, whatever happened
        logging.getLogger("comotion").debug("unforeseen", exc_info=True)
        output.prose(f"Error: {type(unforeseen).__name__}: {exits.sentence(unforeseen)}")
        return exits.ERROR
    return exits.DONE


def _told(wrong: click.ClickException) -> str:
    """An error as one line, and, of a wrong command line, where to read about the right one."""
    text = " ".join(wrong.format_message().split())
    context = wrong.ctx if isinstance(wrong, click.UsageError) else None
    if context is None:
        return text
    return f"{text}{'' if text.endswith(('.', '?', '?)')) else '.'} See `{context.command_path} --help`."


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    output.prose(f"Warning: {in_options(' '.join(str(message).split()))}")

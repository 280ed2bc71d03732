"""How files are read: pandas' reading arguments as options, and what the library says of them in these options."""

import re
import shlex
from collections.abc import Callable

import click

from comotion.cli.load_options import OfSeveralWords


def reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that reads files; it takes them as keywords for ``reading_arguments``."""
    for option in (
        click.option("--na", multiple=True, metavar="TEXT", help="A text that means NULL too; repeatable."),
        click.option("--date-format", help="How dates are written, for example %d/%m/%Y."),
        click.option("--parse-dates", multiple=True, metavar="COLUMN", help="A column of dates; repeatable."),
        click.option(
            "--dtype",
            cls=OfSeveralWords,
            type=(str, str),
            multiple=True,
            metavar="COLUMN TYPE",
            help="Type of a column; repeatable.",
        ),
        click.option("--sheet", help="Sheet of Excel files; the first is the default."),
        click.option("--encoding", help="Encoding of text files; utf-8 is the default."),
        click.option("--decimal", help="Decimal mark of csv files; the point is the default."),
        click.option("--sep", help="Separator of csv files; the comma is the default."),
    ):
        command = option(command)
    return command


def reading_arguments(
    sep: str | None,
    decimal: str | None,
    encoding: str | None,
    sheet: str | None,
    dtype: tuple[tuple[str, str], ...],
    parse_dates: tuple[str, ...],
    date_format: str | None,
    na: tuple[str, ...],
) -> dict[str, object]:
    """The options that were given, as pandas names them."""
    given = {
        "sep": sep,
        "decimal": decimal,
        "encoding": encoding,
        "sheet_name": sheet,
        "dtype": dict(dtype),
        "parse_dates": list(parse_dates),
        "date_format": date_format,
        "na_values": list(na),
    }
    return {name: value for name, value in given.items() if value}


def as_typed(**given: object) -> str:
    """The options that were given, as a shell takes them: each with a space before it."""
    words = list[str]()
    for name, value in given.items():
        for one in value if isinstance(value, tuple) else (value,) if value else ():
            words += [f"--{name.replace('_', '-')}", *(one if isinstance(one, tuple) else (one,))]
    return f" {shlex.join(words)}" if words else ""


_DTYPE = re.compile(r"\bdtype=\{'([^']*)': '(\w+)'\}")
_ARGUMENT = re.compile(r"\b(sep|decimal|encoding|sheet_name|dtype|parse_dates|date_format|na_values)=('[^']*')?")
_SHORTER = {"sheet_name": "sheet", "na_values": "na"}


def in_options(text: str) -> str:
    """What the library says, with this command's options where it names arguments of Python."""
    text = text.replace("load_as_service_client_id", "--load-as-service-client")
    text = _DTYPE.sub(lambda told: f"--dtype {shlex.quote(told[1])} {told[2]}", text)
    return _ARGUMENT.sub(_as_option, text)


def _as_option(told: re.Match[str]) -> str:
    option = f"--{_SHORTER.get(told[1], told[1]).replace('_', '-')}"
    return option if told[2] is None else f"{option} {shlex.quote(told[2][1:-1])}"

"""What a person or a script reads: data on standard output, prose on standard error, progress on terminals only."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from comotion.application.loads import LoadService

CELL_WIDTH = 24
ERASE = "\x1b[K"
"""To the end of the line; click leaves it out where nobody looks at a terminal."""


def stdout() -> TextIO:
    """Where a whole result goes. Raises OSError where a shell closed it."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    return sys.stdout


def data(text: str) -> None:
    """A line of data, on standard output."""
    click.echo(text)


def data_json(value: object) -> None:
    """One JSON value, on standard output."""
    data(json.dumps(value, default=str, ensure_ascii=False))


def prose(text: str) -> None:
    """A line for a person, on standard error."""
    click.echo(f"{ERASE}{text}", err=True)


@contextmanager
def watching(how_far: Callable[[], str], *, every_s: float = 1.0) -> Iterator[None]:
    """Say at a terminal how far the work inside is, on one line that is gone at the end.

    Parameters
    ----------
    how_far : callable
        Asked in another thread than the work is done in.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    done, began = Event(), monotonic()

    def tell() -> None:
        while not done.wait(every_s):
            line = f"{how_far()}, {monotonic() - began:.0f} s"
            click.echo(f"{ERASE}{line[: get_terminal_size().columns - 1]}\r", nl=False, err=True)

    teller = Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
        click.echo(ERASE, nl=False, err=True)


def rows_on_their_way(what: str, *loads: LoadService) -> str:
    """How many rows of these loads were read, and how many are stored."""
    written, stored = sum(load.rows_written() for load in loads), sum(load.load.rows for load in loads)
    return f"{what}: {written:,} rows read, {stored:,} uploaded"


def is_typed() -> bool:
    """Whether standard input is a terminal, at which somebody types."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> str:
    """The answer to a question, which stands on standard error and is read from a terminal or a pipe."""
    with _question():
        return str(click.prompt(question, err=True)).strip()


def confirm(question: str) -> None:
    """Go on only if the answer is yes. Raises click.Abort."""
    with _question():
        click.confirm(question, abort=True, err=True)


@contextmanager
def _question() -> Iterator[None]:
    """Ends the question's line where no terminal does, so that what comes next begins one."""
    if sys.stdin is None:
        raise click.Abort
    try:
        yield
    except click.Abort:
        prose("")
        raise
    if not is_typed():
        prose("")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows as a plain table; numbers to the right, long texts cut."""
    cells = [[_cell(value) for value in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    right = [all(_is_number(row[column]) for row in rows) for column in range(len(header))]
    lines = [_line(row, widths, right) for row in cells]
    return "\n".join([lines[0], "  ".join("-" * size for size in widths), *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        cell.rjust(size) if is_right else cell.ljust(size)
        for cell, size, is_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _cell(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) <= CELL_WIDTH else text[: CELL_WIDTH - 1] + "…"


def _is_number(value: str) -> bool:
    try:
        float(value or "0")  # NULL is an empty field
    except ValueError:
        return False
    return True

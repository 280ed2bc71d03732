"""The net under the lake: what nobody foresaw is admitted as a limit of the fake, never a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin, SqlNotSupported, SqlRefused

THIS_STATEMENT = "this statement"


@contextmanager
def admitted(place: Callable[[], str] = lambda: THIS_STATEMENT) -> Iterator[None]:
    """Whatever goes wrong inside becomes a limit of the fake; verdicts pass.

    Parameters
    ----------
    place : callable
        The construct at hand, asked only once something went wrong.

    Raises
    ------
    SqlNotSupported
        In place of an error that is nobody's verdict; that error is its cause.
    """
    try:
        yield
    except (SqlRefused, SqlNotSupported, PartsDoNotJoin):
        raise
    except RecursionError as error:
        raise SqlNotSupported(f"{THIS_STATEMENT}, nested as deeply as it is") from error
    except Exception as error:
        raise SqlNotSupported(f"{place()} ({said(error)})") from error


def said(error: Exception) -> str:
    """An error's name and the first line of what it says, cut where it is long."""
    first = next(iter(str(error).splitlines()), "")[:300]
    name = type(error).__name__
    return f"{name}: {first}" if first else name

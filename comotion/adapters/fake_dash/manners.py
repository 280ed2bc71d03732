"""How a world's service behaves where services differ, or where time is concerned."""

from collections.abc import Callable
from typing import Any

from attrs import define, field

from comotion.adapters.fake_dash.checks import SECONDS, SOME_TEXT, TEXT_OR_NONE, TRUTH, is_whole, must_be
from comotion.adapters.fake_dash.progress import IMMEDIATE, Pace
from comotion.domain.migration import DONE_WORDS

_PACE = must_be("a Pace", lambda value: isinstance(value, Pace))


def _one_of(*words: str) -> Callable[[object, Any, Any], None]:
    return must_be(f"one of {', '.join(words)}", lambda value: value in words)


@define(kw_only=True)
class Manners:
    """Settings of a world; change them at any time.

    Attributes
    ----------
    load_pace, query_pace, migration_pace, daily_run_pace : Pace
        How long each kind of work takes.
    access_token_life_s, refresh_token_life_s, code_life_s : float
        How long tokens and authorization codes are good, in seconds of the world's clock.
    rotation : str
        What a refresh does to the refresh token: ``"keep"`` answers the same one, ``"rotate"`` a new one while the
        old one stays good, ``"single_use"`` a new one and the old one is over (used again, its session ends).
    auto_login : bool
        Whether the authorise page redirects at once instead of asking for a password.
    csv_redirects : bool
        Whether a result file is answered with 302 to a temporary link.
    page_rows : int
        Rows on a page of results, the header of the first page included.
    next_token_name : str
        The member of a results page that carries the next token.
    messages_as_objects : bool
        Whether ErrorMessages is a list of objects instead of texts.
    done_word : str
        What a finished migration is called: ``"Completed"`` or ``"Complete"``.
    no_execution : str or None
        The message in place of a daily run where there is none; None answers ``null``.
    """

    load_pace: Pace = field(default=IMMEDIATE, validator=_PACE)
    query_pace: Pace = field(default=IMMEDIATE, validator=_PACE)
    migration_pace: Pace = field(default=IMMEDIATE, validator=_PACE)
    daily_run_pace: Pace = field(default=Pace(seconds=600), validator=_PACE)
    access_token_life_s: float = field(default=300, validator=SECONDS)
    refresh_token_life_s: float = field(default=30 * 24 * 3600, validator=SECONDS)
    code_life_s: float = field(default=60, validator=SECONDS)
    rotation: str = field(default="rotate", validator=_one_of("keep", "rotate", "single_use"))
    auto_login: bool = field(default=False, validator=TRUTH)
    csv_redirects: bool = field(default=False, validator=TRUTH)
    page_rows: int = field(default=1000, validator=must_be("1 or more rows", lambda value: is_whole(value, 1)))
    next_token_name: str = field(default="NextToken", validator=SOME_TEXT)
    messages_as_objects: bool = field(default=False, validator=TRUTH)
    done_word: str = field(default="Completed", validator=_one_of(*sorted(DONE_WORDS)))
    no_execution: str | None = field(default=None, validator=TEXT_OR_NONE)

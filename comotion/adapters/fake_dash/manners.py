"""How a world's service behaves where services differ, or where time is concerned."""

from attrs import define, field

from comotion.adapters.fake_dash.progress import IMMEDIATE, Pace


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

    load_pace: Pace = field(default=IMMEDIATE)
    query_pace: Pace = field(default=IMMEDIATE)
    migration_pace: Pace = field(default=IMMEDIATE)
    daily_run_pace: Pace = field(default=Pace(seconds=600))
    access_token_life_s: float = 300
    refresh_token_life_s: float = 30 * 24 * 3600
    code_life_s: float = 60
    rotation: str = "rotate"
    auto_login: bool = False
    csv_redirects: bool = False
    page_rows: int = 1000
    next_token_name: str = "NextToken"
    messages_as_objects: bool = False
    done_word: str = "Completed"
    no_execution: str | None = None

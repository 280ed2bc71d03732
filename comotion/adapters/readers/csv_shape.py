"""Whether a text is a table at all, and cut by the right separator: prose and mis-cut files are never uploaded."""

from comotion.adapters.readers import csv_lines
from comotion.adapters.readers.csv_head import Head
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.domain.errors import NotATable, UnreadableSource

SEPARATORS = (",", ";", "\t", "|")
ONE_COLUMN_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
RAGGED_SUFFIXES = ONE_COLUMN_SUFFIXES | {".psv", ".tab", ".dat", ".data", ".asc"}


def refuse_what_is_no_table(head: Head, plan: CsvPlan, *, name: str, hint: str, is_path: bool) -> None:
    """Raise UnreadableSource, with the likely remedy, for a text that is not what its reader takes it for.

    Parameters
    ----------
    hint : str
        The suffix of the file name, lower case; empty where there is none.
    is_path : bool
        A stream without a name is trusted where a file without a suffix is not.
    """
    trusted = not is_path and not hint
    own = _widths(head, plan, plan.sep)
    _refuse_other_separator(head, plan, own[0], name)
    if own[0] == 1 and not trusted and hint not in ONE_COLUMN_SUFFIXES:
        raise NotATable(
            f"{name} is no table: its first line holds none of the separators , ; tab |; "
            "a table of one column needs a name that ends in .csv, .tsv or .txt"
        )
    if not trusted and hint not in RAGGED_SUFFIXES and (len(own) == 1 or set(own) != {own[0]}):
        raise NotATable(
            f"{name} does not look like a table: its lines do not have {own[0]} fields each; "
            "if it is one, give it a name that ends in .csv"
        )


def _widths(head: Head, plan: CsvPlan, sep: str) -> list[int]:
    quote = plan.quotechar.encode()
    return [
        len(csv_lines.fields(record, sep=sep.encode(), quote=quote))
        for record in head.sample
        if not csv_lines.is_blank(record, sep.encode())
    ]


def _refuse_other_separator(head: Head, plan: CsvPlan, width: int, name: str) -> None:
    if plan.sep_given and width > 1:
        return
    for sep in SEPARATORS:
        others = _widths(head, plan, sep) if sep != plan.sep else [0]
        agreed = set(others) == {others[0]}
        is_as_likely = agreed and others[0] == width > 1 and len(others) > 1  # "name, first;id": nobody can tell
        if is_as_likely or (others[0] > width and (agreed or width == 1)):
            raise UnreadableSource(
                f"{name}: the first line has {others[0]} fields separated by {sep!r} "
                f"and {width} by {plan.sep!r}; pass sep={sep!r}"
            )

"""Rows on a page: every value as the service's result files write it, under the column's name and type."""

from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.faces.console.layout import table
from comotion.adapters.fake_dash.faces.console.markup import Html, el
from comotion.adapters.fake_dash.faces.console.words import cut

if TYPE_CHECKING:
    import pyarrow as pa

    from comotion.adapters.fake_dash.lake.types import Type

NUMBERS = frozenset({"tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"})


def rows_of(shown: "pa.Table", caption: str, *, limit: int) -> Html:
    """The first ``limit`` rows of a result."""
    from comotion.adapters.fake_dash.lake.result_format import trino_types, varchar_rows

    kinds = trino_types(shown)
    head = [_head(name, kind) for name, kind in zip(shown.column_names, kinds, strict=True)]
    rows = [
        el("tr", [_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])
        for row in varchar_rows(shown.slice(0, limit))
    ]
    return table(caption, head, rows, id="rows", is_narrow=True)


def texts_of(columns: tuple[str, ...], rows: list[tuple[str, ...]], caption: str) -> Html:
    """Rows of texts."""
    return table(
        caption, columns, [el("tr", [_text(value) for value in row]) for row in rows], id="rows", is_narrow=True
    )


def _head(name: str, kind: "Type") -> Html:
    return el("span", name, " ", el("small", str(kind)), class_="right" if kind.base in NUMBERS else None)


def _cell(value: str | None, kind: "Type") -> Html:
    if value is None:
        return el("td", el("i", "NULL"), class_="right" if kind.base in NUMBERS else None)
    return el("td", value, class_="right") if kind.base in NUMBERS else _text(value)


def _text(value: str) -> Html:
    return el("td", cut(value)) if value else el("td", el("i", "empty text"))

"""Tables of both lakes: columns, types, how many rows, the first of them."""

from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console.layout import facts, link, nothing, page, section, table
from comotion.adapters.fake_dash.faces.console.markup import Html, el
from comotion.adapters.fake_dash.faces.console.values import rows_of, texts_of
from comotion.adapters.fake_dash.faces.console.words import count, short
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call

PREVIEW_ROWS = 50


def show_tables(call: Call) -> Response:
    """All tables."""
    organisation = call.organisation
    rows = [
        _row(call, "tables", name, list(organisation.lake.schema(name)), number)
        for name, number in organisation.row_counts()
    ]
    old = [
        _row(call, "v1-tables", name, list(found.columns), len(found.rows))
        for name, found in sorted(organisation.v1.tables.items())
    ]
    empty = nothing("No tables yet. The first load of a table makes it; a seed does, too.")
    v1 = section("Lake of data model v1", table("Tables of data model v1", _columns(), old, id="v1-tables"), id="v1")
    lake = table("Tables of the lake", _columns(), rows, id="tables", live=True) if rows else empty
    return page(call, "tables", "Tables", lake, v1 if old else None)


def _columns() -> list[Html]:
    return [el("span", "Table"), el("span", "Rows", class_="right"), el("span", "Columns")]


def _row(call: Call, kind: str, name: str, columns: list[str], rows: int) -> Html:
    return el(
        "tr",
        el("th", el("a", name, href=link(call, kind, name)), scope="row"),
        el("td", f"{rows:,}", class_="right"),
        el("td", short(", ".join(columns), 160)),
        id=f"{kind}-{name}",
    )


def show_table(call: Call) -> Response:
    """One table of the lake."""
    from comotion.adapters.fake_dash.lake.analysis.typed import quoted

    lake, name = call.organisation.lake, call.params["name"]
    if name not in lake.tables():
        raise Refused(404, f"There is no table {name}")
    schema, number = lake.schema(name), lake.count(name)
    columns = [el("tr", el("th", el("code", column), scope="row"), el("td", kind)) for column, kind in schema.items()]
    preview = lake.sql(f"SELECT * FROM {quoted(name)} LIMIT {PREVIEW_ROWS}")
    select = link(call, "queries", sql=f"SELECT * FROM {quoted(name)} LIMIT 100")
    return page(
        call,
        "tables",
        name,
        facts({"Rows": f"{number:,}", "Columns": f"{len(schema):,}"}),
        el("p", el("a", "Query this table", href=select)),
        section("Columns", table("Columns", ["Column", "Type"], columns, id="columns", is_narrow=True), id="of-table"),
        section(_first(number), rows_of(preview, _first(number), limit=PREVIEW_ROWS), id="preview"),
        up="Tables",
    )


def show_v1_table(call: Call) -> Response:
    """One table of data model v1, where every value is a text."""
    name = call.params["name"]
    found = call.organisation.v1.tables.get(name)
    if found is None:
        raise Refused(404, f"There is no table {name} of data model v1")
    number = len(found.rows)
    return page(
        call,
        "tables",
        f"{name} (data model v1)",
        facts({"Rows": f"{number:,}", "Columns": f"{len(found.columns):,}"}),
        section(_first(number), texts_of(found.columns, found.rows[:PREVIEW_ROWS], _first(number)), id="preview"),
        up="Tables",
    )


def _first(rows: int) -> str:
    return f"First {PREVIEW_ROWS} rows" if rows > PREVIEW_ROWS else count(rows, "row")

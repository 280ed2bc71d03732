"""Queries: their SQL, what it became, how they stand; and a box to run one as a client would."""

from comotion.adapters.fake_dash import queries
from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console.forms import sent_back, taken
from comotion.adapters.fake_dash.faces.console.layout import facts, form, link, nothing, page, section, table
from comotion.adapters.fake_dash.faces.console.markup import Content, Html, el
from comotion.adapters.fake_dash.faces.console.values import rows_of
from comotion.adapters.fake_dash.faces.console.words import chip, count, duration, moment, short
from comotion.adapters.fake_dash.queries import QueryRecord
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call

SHOWN_QUERIES = 100
SHOWN_ROWS = 100


def show_queries(call: Call) -> Response:
    """The box and all queries, the newest first."""
    return _queries(call, sql=call.request.query.get("sql", ""))


def run_query(call: Call) -> Response:
    """Run the SQL in the box; what is refused at once is shown beside it, in the service's words."""
    sql = taken(call).get("sql", "").strip()
    if not sql:
        return _queries(call, refusal="There is no SQL to run.")
    try:
        query = queries.run_query(call.world, call.organisation, sql)
    except Refused as refused:
        return _queries(call, sql=sql, refusal=refused.message)
    for _ in range(call.world.manners.query_pace.polls + 1):  # nobody else will ask how it is doing
        queries.look_at(call.world, query)
    return sent_back(link(call, "queries", query.query_id))


def _queries(call: Call, *, sql: str = "", refusal: str = "") -> Response:
    with call.world.lock:
        listed = list(reversed(call.organisation.queries.values()))[:SHOWN_QUERIES]
    known = len(call.organisation.queries)
    more = nothing(f"The newest {SHOWN_QUERIES} of {known} are shown.") if known > SHOWN_QUERIES else None
    return page(
        call,
        "queries",
        "Queries",
        _box(call, sql, refusal),
        section("Queries so far", _table(call, listed), more, id="so-far"),
        status=400 if refusal else 200,
    )


def _box(call: Call, sql: str, refusal: str) -> Html:
    error = el("p", refusal, class_="notice bad", role="alert", id="refusal") if refusal else None
    field = el(
        "textarea",
        "\n" if sql.startswith("\n") else "",  # a first line break is not part of the text in HTML
        sql,
        id="sql",
        name="sql",
        rows=5,
        spellcheck="false",
        autocapitalize="off",
        autocomplete="off",
        required=True,
        aria_describedby="refusal sql-hint" if refusal else "sql-hint",
        aria_invalid="true" if refusal else None,
        autofocus=bool(refusal),
    )
    hint = el(
        "p", "Ctrl+Enter runs it, too. It is kept as a query of this organisation.", id="sql-hint", class_="quiet"
    )
    label = el("label", "Trino SQL", for_="sql")
    return form(call, label, field, error, hint, el("button", "Run", class_="first"), to=("queries",), class_="box")


def _table(call: Call, listed: list[QueryRecord]) -> Html:
    rows = [_row(call, query) for query in listed]
    if not rows:
        rows = [el("tr", el("td", "No queries yet.", colspan=5), id="no-query")]
    columns: list[Content] = ["State", "SQL", "Submitted", "Took", el("span", "Rows", class_="right")]
    return table("Queries", columns, rows, id="queries", live=True)


def _row(call: Call, query: QueryRecord) -> Html:
    there = el("a", el("code", short(query.sql, 120)), href=link(call, "queries", query.query_id))
    return el(
        "tr",
        el("td", chip(query.state.value)),
        el("td", there, class_="broad"),
        el("td", moment(query.submitted)),
        el("td", _took(query) or "–"),
        el(
            "td",
            "–" if query.table is None or not query.state.is_final() else f"{query.table.num_rows:,}",
            class_="right",
        ),
        id=f"query-{query.query_id}",
    )


def show_query(call: Call) -> Response:
    """One query."""
    query = queries.find_query(call.organisation, call.params["id"])
    told = facts(
        {
            "Query": el("code", query.query_id),
            "State": chip(query.state.value),
            "Submitted": moment(query.submitted),
            "Completed": None if query.completed is None else moment(query.completed),
            "Took": _took(query),
        }
    )
    reason = el("p", query.reason, class_="notice bad", role="alert") if query.reason else None
    return page(
        call,
        "queries",
        "Query",
        el("div", told, reason, id="facts", data_live=True),
        section("SQL", _code(query.sql), id="sql-of-query"),
        section("Result", el("div", _result(query), id="result", data_live=True), id="result-of-query"),
        section("SQL as translated for DuckDB", _code(query.translated), id="translated") if query.translated else None,
        el("p", el("a", "Change and run it again", href=link(call, "queries", sql=query.sql))),
        up="Queries",
    )


def _result(query: QueryRecord) -> Content:
    if not query.state.is_final() and not query.is_over.is_set():
        return nothing("Not there yet: the lake is at work on it.")
    if not query.state.is_final():
        return nothing("Not there yet: it comes when a client has asked often enough, or when its time has passed.")
    if query.failure is not None or query.table is None:
        return nothing("None: the query failed.")
    if query.reason is not None:
        return nothing("None: the query was stopped.")
    number = query.table.num_rows
    caption = f"First {SHOWN_ROWS} of {number:,} rows" if number > SHOWN_ROWS else count(number, "row")
    return el("p", caption, class_="quiet"), rows_of(query.table, caption, limit=SHOWN_ROWS)


def _code(sql: str) -> Html:
    return el("pre", el("code", sql), tabindex="0", role="region", aria_label="SQL")


def _took(query: QueryRecord) -> str | None:
    return None if query.completed is None else duration(query.completed - query.submitted)

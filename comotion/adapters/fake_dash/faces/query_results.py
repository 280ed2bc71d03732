"""The result of a query on the wire: a file of Athena's CSV dialect, or pages of rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash import queries
from comotion.adapters.fake_dash.addresses import link_url
from comotion.adapters.fake_dash.exchange import FileSlice, Response, json_answer, whole_number
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call

if TYPE_CHECKING:
    import pyarrow as pa

    from comotion.adapters.fake_dash.stored import StoredObject


def result_csv(call: Call) -> Response:
    """The whole result as one file, or a temporary link to it."""
    query = queries.find_query(call.organisation, call.params["id"])
    stored = _stored_csv(call, query)
    if call.world.manners.csv_redirects:
        organisation = call.organisation
        link = call.world.credentials.presigned_get(
            organisation.bucket,
            stored.key,
            region=organisation.region,
            url=f"{link_url(call.request, organisation)}/{stored.key}",
        )
        return Response(status=302, headers=[("Location", link)])
    return Response(
        headers=[("Content-Type", "binary/octet-stream")], body=FileSlice(stored.path, 0, stored.size_bytes)
    )


def _stored_csv(call: Call, query: queries.QueryRecord) -> "StoredObject":
    """The result as an object in the organisation's bucket, made when it is first asked for."""
    table = queries.result_of(call.world, query)
    from comotion.adapters.fake_dash.lake.result_format import csv_bytes

    key = f"query-results/{query.query_id}.csv"
    with call.world.lock:  # two who ask at once get one object
        stored = call.world.objects.get(call.organisation.bucket, key)
        return stored or call.world.objects.put_bytes(call.organisation.bucket, key, b"".join(csv_bytes(table)))


def results_page(call: Call) -> Response:
    """One page; the first row of the first one is the header."""
    query = queries.find_query(call.organisation, call.params["id"])
    table = queries.result_of(call.world, query)
    from comotion.adapters.fake_dash.lake.result_format import varchar_rows

    start = _start(call.request.query.get("next_token"), query.query_id, table.num_rows + 1)
    stop = start + call.world.manners.page_rows
    rows: list[Sequence[str | None]] = [list(table.column_names)] if start == 0 else []
    rows.extend(varchar_rows(table.slice(max(start - 1, 0), stop - max(start, 1))))
    metadata = {"ColumnInfo": [_column_info(column) for column in table.schema]}
    answer: dict[str, object] = {
        "resultSet": {
            "Rows": [{"Data": [_datum(value) for value in row]} for row in rows],
            "ResultSetMetaData": metadata,
        },
        "ResultSetMetaData": metadata,
    }
    if stop < table.num_rows + 1:
        answer[call.world.manners.next_token_name] = f"{query.query_id}:{stop}"
    return json_answer(answer)


def _column_info(column: "pa.Field") -> dict[str, str]:
    """Name and Athena type: the Trino type without its parameters."""
    named: bytes = (column.metadata or {}).get(b"trino_type", b"varchar")
    return {"Name": column.name, "Type": named.decode().partition("(")[0]}


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def _start(token: str | None, query_id: str, rows: int) -> int:
    """Where a page begins. Refused with 400 for a token this query did not give."""
    if not token:
        return 0
    name, _, place = token.rpartition(":")
    start = whole_number(place, rows - 1)
    if name != query_id or not start:
        raise Refused(400, "Invalid next_token")
    return start

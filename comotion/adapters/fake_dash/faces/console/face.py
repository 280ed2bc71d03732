"""The console's doors: which page a request asks for, who may ask, and what is answered when there is no such page."""

from importlib.resources import files

from comotion.adapters.fake_dash.exchange import Response, text_answer
from comotion.adapters.fake_dash.faces.console import (
    faults_page,
    loads_page,
    operations_page,
    overview_page,
    queries_page,
    requests_page,
    tables_page,
)
from comotion.adapters.fake_dash.faces.console.forms import MAX_FORM_BYTES
from comotion.adapters.fake_dash.faces.console.layout import HEADERS, link, page
from comotion.adapters.fake_dash.faces.console.markup import el
from comotion.adapters.fake_dash.faces.guard import guard
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call, Route, match

FILES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def console(call: Call) -> Response:
    """Answer one request for a page, a form or one of the three files."""
    try:
        guard(call.request)
    except Refused as refused:  # in plain text: a page would tell whoever asks what there is
        return text_answer(refused.message, status=refused.status, headers=HEADERS)
    call.receive(MAX_FORM_BYTES)
    call.organisation = next(iter(call.world))
    try:
        return _answer(call)
    except Refused as refused:
        return _refusal(call, refused)


def _refusal(call: Call, refused: Refused) -> Response:
    back = el("p", el("a", "To the overview", href=link(call)))
    with call.world.lock:
        answer = page(
            call, "none", f"{refused.status}: not answered", back, said=refused.message, status=refused.status
        )
    answer.headers += refused.headers.items()
    return answer


def _answer(call: Call) -> Response:
    wanted = call.request.query.get("org", call.organisation.name)
    if wanted not in call.world.organisations:
        raise Refused(404, f"There is no organisation {wanted}")
    call.organisation = call.world.organisations[wanted]
    method = "GET" if call.request.method == "HEAD" else call.request.method
    found = match(ROUTES, method, call.request.segments)
    if found.route is None:
        if found.allowed:
            raise Refused(405, "Method Not Allowed", headers={"Allow": ", ".join(found.allowed)})
        raise Refused(404, "There is no such page")
    call.params = found.params
    call.world.settle()
    return found.route.answer(call)


def _root(call: Call) -> Response:
    return Response(status=302, headers=[("Location", link(call)), *HEADERS.items()])


def _file(call: Call) -> Response:
    name = call.request.segments[-1]
    content = (files(__package__) / name).read_text("utf-8")
    return text_answer(content, content_type=FILES[name], headers=HEADERS)


_BASE = "/console"
ROUTES = (
    Route("GET", "/", "console", _root),
    Route("GET", _BASE, "console", overview_page.show_overview),
    Route("GET", f"{_BASE}/loads", "console", loads_page.show_loads),
    Route("GET", f"{_BASE}/loads/{{id}}", "console", loads_page.show_load),
    Route("GET", f"{_BASE}/tables", "console", tables_page.show_tables),
    Route("GET", f"{_BASE}/tables/{{name}}", "console", tables_page.show_table),
    Route("GET", f"{_BASE}/v1-tables/{{name}}", "console", tables_page.show_v1_table),
    Route("GET", f"{_BASE}/queries", "console", queries_page.show_queries),
    Route("POST", f"{_BASE}/queries", "console", queries_page.run_query, is_locked=False),
    Route("GET", f"{_BASE}/queries/{{id}}", "console", queries_page.show_query),
    Route("GET", f"{_BASE}/operations", "console", operations_page.show_operations),
    Route("GET", f"{_BASE}/requests", "console", requests_page.show_requests),
    Route("GET", f"{_BASE}/requests/{{number}}", "console", requests_page.show_request),
    Route("GET", f"{_BASE}/faults", "console", faults_page.show_faults),
    Route("POST", f"{_BASE}/faults", "console", faults_page.place),
    Route("POST", f"{_BASE}/faults/clear", "console", faults_page.clear),
    Route("POST", f"{_BASE}/clock", "console", faults_page.advance),
    *(Route("GET", f"{_BASE}/{name}", "console", _file) for name in FILES),
)

"""What every page has: the head, the bar with the world's clock, the way to the other pages; and small shared parts."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console.markup import Content, Html, el, joined
from comotion.adapters.fake_dash.faces.console.words import moment
from comotion.adapters.fake_dash.routing import Call

PAGES = (
    ("Overview", ""),
    ("Loads", "loads"),
    ("Tables", "tables"),
    ("Queries", "queries"),
    ("Operations", "operations"),
    ("Requests", "requests"),
    ("Faults and clock", "faults"),
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would send "Origin: null" with a form
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def link(call: Call, *pieces: str, **asked: str) -> str:
    """The URL of a page of this console, for the organisation that is looked at."""
    path = "/".join([f"{call.request.prefix}/console", *(quote(piece, safe="") for piece in pieces if piece)])
    if len(call.world.organisations) > 1:
        asked = {"org": call.organisation.name, **asked}
    return f"{path}?{urlencode(asked)}" if asked else path


def page(
    call: Call, here: str, title: str, *content: Content, up: str = "", said: str = "", status: int = 200
) -> Response:
    """A whole page.

    Parameters
    ----------
    here : str
        The second member of its entry in ``PAGES``, or of that of the page it belongs to.
    up : str
        What to call the page it belongs to; empty where it stands in ``PAGES`` itself.
    said : str
        What was just done, or what was wrong with it (where ``status`` is an error's).
    """
    tone = "bad" if status >= 400 else "good"
    notice = el("p", said, class_=f"notice {tone}", role="alert" if tone == "bad" else "status") if said else None
    back = el("p", el("a", f"← {up}", href=link(call, here)), class_="back") if up else None
    main = el(
        "main",
        back,
        el(
            "div", el("h1", title), el("button", "Pause updates", type="button", id="pause", hidden=True), class_="head"
        ),
        el("p", role="status", id="connection", class_="notice bad", hidden=True),
        notice,
        content,
        id="main",
        tabindex="-1",
    )
    body = el("body", _skip_link(), _bar(call), _navigation(call, here), main, _footer())
    whole = joined(_head(call, f"{said} – {title}" if said else title), body)
    return html_answer(f'<!doctype html>\n<html lang="en">{whole.text}</html>\n', status=status)


def html_answer(text: str, *, status: int) -> Response:
    """HTML, with the header fields that keep other sites out."""
    headers = [("Content-Type", "text/html; charset=utf-8"), *HEADERS.items()]
    return Response(status=status, headers=headers, body=text.encode())


def _head(call: Call, title: str) -> Html:
    at = f"{call.request.prefix}/console"
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", f"{title} – Fake Dash"),
        el("link", rel="icon", href=f"{at}/icon.svg", type="image/svg+xml"),
        el("link", rel="stylesheet", href=f"{at}/console.css"),
        el("script", src=f"{at}/console.js", defer=True),
    )


def _skip_link() -> Html:
    return el("a", "Skip to content", href="#main", class_="skip")


def _bar(call: Call) -> Html:
    clock = el("p", "Clock ", moment(call.world.clock.now(), exact=False), " UTC", id="clock", data_live=True)
    name = el("p", el("a", "Fake Dash", href=link(call)), class_="name")
    return el("header", el("div", name, _organisations(call), clock, class_="wide"))


def _organisations(call: Call) -> Html:
    names = list(call.world.organisations)
    if len(names) == 1:
        return el("p", "Organisation ", el("strong", names[0]))
    at = f"{call.request.prefix}/console?"
    links = [
        el("li", el("a", name, href=at + urlencode({"org": name}), aria_current=_current(name, call.organisation.name)))
        for name in names
    ]
    return el("nav", el("ul", links), aria_label="Organisations", class_="organisations")


def _navigation(call: Call, here: str) -> Html:
    links = [
        el("li", el("a", name, href=link(call, place), aria_current=_current(place, here))) for name, place in PAGES
    ]
    return el("nav", el("ul", links, class_="wide"), aria_label="Console", class_="pages")


def _current(one: str, here: str) -> str | None:
    return "page" if one == here else None


def _footer() -> Html:
    return el(
        "footer",
        el(
            "div",
            el(
                "p",
                "A fake on this machine: nothing here reaches a real Dash. It shows no tokens, keys or signed URLs.",
            ),
            el(
                "noscript",
                el("p", "Without script a page shows the moment it was loaded; reload it to see what is new."),
            ),
            class_="wide",
        ),
    )


def section(heading: str, *content: Content, id: str) -> Html:  # noqa: A002 the attribute's name
    """A part of a page under its own heading."""
    return el("section", el("h2", heading, id=f"{id}-heading"), content, id=id, aria_labelledby=f"{id}-heading")


def table(
    caption: str,
    columns: Sequence[Content],
    rows: Sequence[Html],
    *,
    id: str,  # noqa: A002
    live: bool = False,
    is_narrow: bool = False,
) -> Html:
    """A table that scrolls sideways by itself where it is too wide; ``rows`` are ``tr`` elements with an id each.

    ``is_narrow`` makes it no wider than its contents.
    """
    head = el("thead", el("tr", [el("th", column, scope="col") for column in columns]))
    body = el("tbody", rows, id=id, data_live=live)
    whole = el("table", el("caption", caption, class_="unseen"), head, body)
    return el(
        "div", whole, class_="scroll narrow" if is_narrow else "scroll", role="region", aria_label=caption, tabindex="0"
    )


def facts(said: Mapping[str, Content]) -> Html:
    """Names and what they are, where they are anything."""
    listed = [el("div", el("dt", name), el("dd", value)) for name, value in said.items() if value is not None]
    return el("dl", listed, class_="facts")


def form(call: Call, *content: Content, to: tuple[str, ...], **attributes: str) -> Html:
    """A form that changes something; it carries the world's token."""
    token = el("input", type="hidden", name="form_token", value=call.world.form_token)
    return el("form", token, content, method="post", action=link(call, *to), **attributes)


def nothing(text: str) -> Html:
    """What stands where there is nothing yet."""
    return el("p", text, class_="nothing")

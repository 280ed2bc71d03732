"""The page that a browser sees when somebody signs in, and where it sends the browser afterwards."""

import hmac
import re
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from comotion.adapters.fake_dash.exchange import Response, text_answer
from comotion.adapters.fake_dash.faces.token_endpoint import is_scope
from comotion.adapters.fake_dash.people import User
from comotion.adapters.fake_dash.routing import Call

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
VISIBLE = re.compile("[!-~]+")  # nothing that ends a header line
CHALLENGE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 24rem; margin: 12vh auto; padding: 0 1rem; }}
label {{ display: block; margin: .8rem 0 .2rem; }}
input, button {{ font: inherit; padding: .5rem .7rem; width: 100%; box-sizing: border-box; }}
button {{ margin-top: 1rem; cursor: pointer; }}
.alert {{ border-left: 4px solid #c33; padding-left: .7rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
FORM = """{alert}
<form method="post" action="{action}">
<label for="username">User name</label>
<input id="username" name="username" value="{username}" autocomplete="username" autofocus required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password">
<button id="kc-login" name="login" value="yes">Sign in</button>
<button id="kc-cancel" name="cancel" value="yes" formnovalidate>Cancel</button>
</form>
<p>This is a fake Dash. Its first user is <code>{hint}</code>.</p>"""


def authorise(call: Call) -> Response:
    """Show the form, or send the browser back at once: with a code on automatic log-in, or with an error."""
    refusal = _refusal(call)
    if refusal is not None:
        return refusal
    if call.world.manners.auto_login:
        return _signed_in(call, call.organisation.the_user())
    return _form(call)


def log_in(call: Call) -> Response:
    """The form comes back."""
    refusal = _refusal(call)
    if refusal is not None:
        return refusal
    form = dict(parse_qsl((call.content or b"").decode("utf-8", "replace"), keep_blank_values=True))
    if "cancel" in form:
        denial = {"error": "access_denied", "error_description": "The user denied the request"}
        return _redirect(call.request.query, denial)
    user = call.organisation.users.get(form.get("username", ""))
    given = form.get("password", "")
    if user is None or not hmac.compare_digest(user.password.encode(), given.encode()):
        return _form(call, username=form.get("username", ""), alert="Invalid username or password.")
    return _signed_in(call, user)


def _refusal(call: Call) -> Response | None:
    """What is answered to a request to authorise that is wrong; None for a right one."""
    asked = call.request.query
    mistrust = _mistrust(call, asked)
    if mistrust is not None:
        return _page("We are sorry", f'<p class="alert">{mistrust}</p>', status=400)
    error = _error(call, asked)
    return None if error is None else _redirect(asked, {"error": error[0], "error_description": error[1]})


def _mistrust(call: Call, asked: dict[str, str]) -> str | None:
    """Why nothing may be redirected: without a known client and a loopback address nobody is sent anywhere."""
    if asked.get("client_id") not in call.organisation.public_clients:
        return "Client not found."
    text = asked.get("redirect_uri", "")
    try:
        url = urlsplit(text)
        is_loopback = url.scheme == "http" and url.hostname in LOOPBACK and not url.fragment and "@" not in url.netloc
    except ValueError:
        is_loopback = False
    return None if is_loopback and VISIBLE.fullmatch(text) else "Invalid parameter: redirect_uri"


def _error(call: Call, asked: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with the rest of the request, as an error to redirect with."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type", "response_type must be code"
    if asked.get("code_challenge_method") != "S256":
        return "invalid_request", "Invalid parameter: code challenge method is not matching the configured one"
    challenge = asked.get("code_challenge", "")
    if len(challenge) != 43 or not CHALLENGE_CHARACTERS.issuperset(challenge):
        return "invalid_request", "Invalid parameter: code_challenge"
    if asked.get("response_mode", "query") != "query":
        return "invalid_request", "Invalid parameter: response_mode"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope", "scope must hold openid"
    if not is_scope(asked["scope"], *call.organisation.users.values()):
        return "invalid_scope", f"Invalid scopes: {asked['scope']}"
    if asked.get("prompt") == "none" and not call.world.manners.auto_login:
        return "login_required", "Nobody is signed in, and no page may be shown"
    return None


def _signed_in(call: Call, user: User) -> Response:
    asked = call.request.query
    code = call.organisation.sessions.issue_code(
        user,
        client_id=asked["client_id"],
        redirect_uri=asked["redirect_uri"],
        challenge=asked["code_challenge"],
        nonce=asked.get("nonce"),
        scope=asked["scope"],
    )
    return _redirect(asked, {"code": code})


def _redirect(asked: dict[str, str], said: dict[str, str]) -> Response:
    target = asked["redirect_uri"]
    if "state" in asked:
        said = {**said, "state": asked["state"]}
    joint = "&" if urlsplit(target).query else "?"
    path = "" if urlsplit(target).path else "/"
    location = f"{target}{path}{joint}{urlencode(said)}"
    return Response(status=302, headers=[("Location", location), ("Cache-Control", "no-store")])


def _form(call: Call, *, username: str = "", alert: str = "") -> Response:
    shown = f'<p class="alert" role="alert">{escape(alert)}</p>' if alert else ""
    hint = escape(call.organisation.the_user().name)
    action = escape(f"?{call.request.raw_query}")
    content = FORM.format(alert=shown, action=action, username=escape(username), hint=hint)
    return _page(f"Sign in to {call.organisation.name}", content)


def _page(title: str, content: str, *, status: int = 200) -> Response:
    return text_answer(
        PAGE.format(title=escape(title), content=content),
        status=status,
        content_type="text/html; charset=utf-8",
        headers=PAGE_HEADERS,
    )

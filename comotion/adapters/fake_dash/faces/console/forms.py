"""Forms that come back: taken only from this console's own pages, answered with a redirect."""

import hmac
from urllib.parse import parse_qsl

from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console.layout import HEADERS
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call

MAX_FORM_BYTES = 1 << 20
MAX_FIELDS = 30
FORM = "application/x-www-form-urlencoded"


def taken(call: Call) -> dict[str, str]:
    """The form's fields.

    The guard has refused other sites by what a request says of itself; here it must also say that it comes from
    this one, and hold the token that only a page of this world has.

    Raises
    ------
    Refused
        403 unless it comes from a page of this world, 413 where it is too long, 415 where it is no form.
    """
    request = call.request
    if request.headers.get("Origin") is None and request.headers.get("Sec-Fetch-Site") != "same-origin":
        raise Refused(403, "A form is taken only with an Origin or Sec-Fetch-Site field of this console")
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused(415, f"A form is {FORM}")
    if call.content is None:
        raise Refused(413, "The form is too long")
    try:
        fields = dict(parse_qsl(call.content.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        raise Refused(400, "The form cannot be read") from None
    if not hmac.compare_digest(fields.pop("form_token", "").encode(), call.world.form_token.encode()):
        raise Refused(403, "This page belongs to an earlier world: go back, reload it, and send the form again")
    return fields


def sent_back(url: str) -> Response:
    """See other: what a form is answered with, so that reloading does not send it again."""
    return Response(status=303, headers=[("Location", url), *HEADERS.items()])

"""Who asks, and about which organisation: the token says both, the host name must agree."""

from comotion.adapters.fake_dash.addresses import asked_host, organisation_of_host
from comotion.adapters.fake_dash.organisation import Organisation
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call
from comotion.adapters.fake_dash.sessions import Bearer

UNAUTHORISED = {"WWW-Authenticate": "Bearer"}


def identify(call: Call) -> None:
    """Find the bearer and the organisation of a call.

    Raises
    ------
    Refused
        401: no token, a bad one, or one of another organisation than the host name's.
    """
    scheme, _, text = call.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Refused(401, "Unauthorized", headers=UNAUTHORISED)
    found = _owner(call, text.strip())
    named = organisation_of_host(asked_host(call.request))
    if found is None or (named is not None and named != found[0].name.lower()):
        raise Refused(401, "Unauthorized", headers=UNAUTHORISED)
    call.organisation, call.bearer = found


def _owner(call: Call, text: str) -> tuple[Organisation, Bearer] | None:
    for organisation in call.world:
        bearer = organisation.sessions.find(text)
        if bearer is not None:
            return organisation, bearer
    return None


def demand_scope(call: Call, scope: str | None) -> None:
    """Refused with 403 when the token lacks the scope."""
    if scope is not None and (call.bearer is None or scope not in call.bearer.scopes):
        raise Refused(403, f"Forbidden: the scope {scope} is missing")

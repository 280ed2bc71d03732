"""Which operation a request asks for: tables of routes, one a face, and what a handler is given."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from comotion.adapters.fake_dash.exchange import Request, Response
from comotion.adapters.fake_dash.faults import Fault
from comotion.adapters.fake_dash.refused import Refused

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.sessions import Bearer
    from comotion.adapters.fake_dash.world import World

MAX_JSON_BYTES = 8 << 20


@define(kw_only=True)
class Call:
    """One request on its way through a face.

    Attributes
    ----------
    params : dict
        What the route's path named, decoded.
    content : bytes or None
        The body, once a face has received it; None where it is too long.
    bearer : Bearer or None
        Who asks, once a face has found out.
    faults : list of Fault
        Those that hit this call, for handlers that act them out themselves.
    """

    world: "World"
    request: Request
    params: dict[str, str] = field(factory=dict)
    faults: list[Fault] = field(factory=list)
    bearer: "Bearer | None" = None
    content: bytes | None = b""
    _organisation: "Organisation | None" = None

    @property
    def organisation(self) -> "Organisation":
        """Whose data this is about; a face sets it before a handler is called."""
        assert self._organisation is not None
        return self._organisation

    @organisation.setter
    def organisation(self, found: "Organisation") -> None:
        self._organisation = found

    def organisation_name(self) -> str | None:
        return None if self._organisation is None else self._organisation.name

    def receive(self, limit_bytes: int = MAX_JSON_BYTES) -> None:
        """Read the body. A face does so before it locks the world: who sends slowly must not keep others waiting."""
        self.content = self.request.body.whole(limit_bytes)

    def json_object(self) -> dict[str, object]:
        """The body as a JSON object. Refused with 400 when it is none, 413 when it is too long."""
        if self.content is None:
            raise Refused(413, "Request Too Long")
        try:
            value = json.loads(self.content, parse_constant=_no_constant)
            if b"\\u" in self.content:
                json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text (RFC 8259, 8.2)
        except (ValueError, RecursionError):
            raise Refused(400, "Invalid request body: not JSON") from None
        if not isinstance(value, dict):
            raise Refused(400, "Invalid request body: not a JSON object")
        return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


Handler = Callable[[Call], Response]


@frozen
class Route:
    """One operation: method, path with ``{name}`` for a segment, name, scope and query parameters.

    ``is_locked`` says whether the world is locked for its handler; one that waits locks it itself, where it must.
    """

    method: str
    path: str
    operation: str
    handler: Handler
    scope: str | None = None
    query: tuple[str, ...] = ()
    is_locked: bool = True

    def answer(self, call: Call) -> Response:
        """What its handler answers."""
        with call.world.lock if self.is_locked else nullcontext():
            return self.handler(call)

    def check_query(self, request: Request) -> None:
        """Refuse with 400 a query parameter that the operation does not have."""
        for name in request.query:
            if name not in self.query:
                raise Refused(400, f"Invalid request: unknown parameter {name}")

    def params(self, segments: list[str]) -> dict[str, str] | None:
        """What the path names, or None where it does not fit."""
        pattern = self.path.strip("/").split("/")
        if len(pattern) != len(segments):
            return None
        found = {}
        for wanted, given in zip(pattern, segments, strict=True):
            if wanted.startswith("{") and given:
                found[wanted[1:-1]] = given
            elif wanted != given:
                return None
        return found


@frozen
class Match:
    """Where a request goes; ``route`` is None where no route fits, ``allowed`` are the methods that would."""

    route: Route | None
    params: dict[str, str]
    allowed: tuple[str, ...] = ()


def match(routes: Iterable[Route], method: str, segments: list[str]) -> Match:
    """The first route that fits method and path."""
    allowed = []
    for route in routes:
        params = route.params(segments)
        if params is None:
            continue
        if route.method == method:
            return Match(route, params)
        allowed.append(route.method)
    return Match(None, {}, tuple(allowed))


def checked(
    members: Mapping[str, object], *, required: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> None:
    """Refuse with 400 an object with unknown, missing or wrongly typed members."""
    known = {**required, **(optional or {})}
    unknown = sorted(set(members) - set(known))
    if unknown:
        raise Refused(400, f"Invalid request body: unknown member {unknown[0]}")
    for name, kind in known.items():
        if name not in members:
            if name in required:
                raise Refused(400, f"Invalid request body: {name} is required")
        elif type(members[name]) is not kind:
            raise Refused(400, f"Invalid request body: {name} must be {_SPOKEN[kind]}")


_SPOKEN = {str: "a string", bool: "a boolean", dict: "an object", list: "an array", int: "an integer"}

"""Data model v1's answers in requests' own terms, which scripts written for it catch and read."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from comotion.domain.errors import ApiException, OutcomeUnknown

if TYPE_CHECKING:
    import requests


def as_response(status: int, text: str) -> requests.Response:
    """An answer as a requests.Response: ``.status_code``, ``.text``, ``.ok``, ``.json()``."""
    import requests

    response = requests.Response()
    response.status_code = status
    response.encoding = "utf-8"
    response.raw = io.BytesIO(text.encode("utf-8"))
    response.content  # noqa: B018  (reads it: a Response may then be copied and pickled)
    return response


@cache
def _refused_class() -> type[ApiException]:
    import requests

    class V1UploadRefused(ApiException, requests.HTTPError):
        """The service refused an upload: an ApiException, and the HTTPError that scripts catch (``.response``)."""

        def __init__(self, message: str, *, operation: str = "", status: int = 0, body: str = "") -> None:
            super().__init__(message, operation=operation, status=status, body=body)
            self.response = as_response(status, body)

        def __reduce__(self) -> tuple[object, ...]:
            return _refused, (str(self), self.operation, self.status, self.body)

    V1UploadRefused.__module__ = "comotion.dash"
    V1UploadRefused.__qualname__ = "V1UploadRefused"
    return V1UploadRefused


@cache
def _unknown_class() -> type[OutcomeUnknown]:
    import requests

    class V1OutcomeUnknown(OutcomeUnknown, requests.HTTPError):
        """An upload that may have been taken: look at the table before sending it again.

        ``.response`` is None where no answer came.
        """

        def __init__(self, message: str, *, status: int = 0, body: bytes = b"") -> None:
            super().__init__(message, status=status, body=body)
            self.response = as_response(status, body.decode()) if status else None

        def __reduce__(self) -> tuple[object, ...]:
            return _unknown, (str(self), self.status, self.body)

    V1OutcomeUnknown.__module__ = "comotion.dash"
    V1OutcomeUnknown.__qualname__ = "V1OutcomeUnknown"
    return V1OutcomeUnknown


def _refused(message: str, operation: str, status: int, body: str) -> ApiException:
    return _refused_class()(message, operation=operation, status=status, body=body)


def _unknown(message: str, status: int, body: bytes) -> OutcomeUnknown:
    return _unknown_class()(message, status=status, body=body)


def raise_refused(refused: ApiException) -> NoReturn:
    """Raise it as the class that scripts catch."""
    raise _refused(str(refused), refused.operation, refused.status, refused.body) from refused


def raise_unknown(unknown: OutcomeUnknown) -> NoReturn:
    """Raise it so that both kinds of caller catch it."""
    answered = unknown.__cause__
    body = answered.body.encode() if isinstance(answered, ApiException) else b""
    raise _unknown(str(unknown), unknown.status, body) from unknown

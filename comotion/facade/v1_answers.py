"""Data model v1's answers in requests' own terms, which scripts written for it catch and read."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, NoReturn, cast

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

    V1UploadRefused.__module__ = "comotion.dash"
    V1UploadRefused.__qualname__ = "V1UploadRefused"
    return cast(type[ApiException], V1UploadRefused)


@cache
def _unknown_class() -> type[OutcomeUnknown]:
    import requests

    class V1OutcomeUnknown(OutcomeUnknown, requests.HTTPError):
        """An upload that may have been taken: look at the table before sending it again."""

    V1OutcomeUnknown.__module__ = "comotion.dash"
    V1OutcomeUnknown.__qualname__ = "V1OutcomeUnknown"
    return cast(type[OutcomeUnknown], V1OutcomeUnknown)


def raise_refused(refused: ApiException) -> NoReturn:
    """Raise it as the class that scripts catch."""
    error = _refused_class()(str(refused), operation=refused.operation, status=refused.status, body=refused.body)
    error.response = as_response(refused.status, refused.body)  # type: ignore[attr-defined]
    raise error from refused


def raise_unknown(unknown: OutcomeUnknown) -> NoReturn:
    """Raise it so that both kinds of caller catch it. ``.response`` is None where no answer came."""
    error = _unknown_class()(str(unknown), status=unknown.status)
    answered = unknown.__cause__
    if isinstance(answered, ApiException):
        error.response = as_response(answered.status, answered.body)  # type: ignore[attr-defined]
    raise error from unknown

"""How a face says no: raised anywhere below it, answered as the service would answer."""

from collections.abc import Mapping

from comotion.adapters.fake_dash.exchange import Response, json_answer


class Refused(Exception):
    """The request is refused with this status and message.

    Parameters
    ----------
    status : int
    message : str
        What the service would say; ``{"message": ...}`` on the wire.
    headers : mapping, optional
    """

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    def answer(self) -> Response:
        return json_answer({"message": self.message}, status=self.status, headers=self.headers)

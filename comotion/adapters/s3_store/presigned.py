"""Puts a part with the presigned POST of its ticket: a form whose file field is the part, streamed (RFC 7578).

What may be sent besides is fixed by the policy that the service signed: no check sum of ours can be added to it.
"""

import secrets
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from attrs import frozen

from comotion.adapters.s3_store.answers import S3Answer
from comotion.domain.endpoints import parse_base_url
from comotion.domain.errors import BrokenAnswer, StorageRefused
from comotion.domain.load import UploadTicket
from comotion.ports.http import HttpClient, HttpRequest
from comotion.ports.storage import PartBody, RenewTicket, Spare

PIECE_BYTES = 1024 * 1024
ELSEWHERE = frozenset({307, 308})


@frozen(kw_only=True)
class _FormBody:
    """The form's bytes, made anew each time they are asked for."""

    before: bytes
    file: PartBody
    after: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.before
        yield from self.file.chunks(PIECE_BYTES)
        yield self.after

    def size_bytes(self) -> int:
        return len(self.before) + self.file.size_bytes() + len(self.after)


class PresignedStore:
    """An ObjectStore that posts each part as a form, once its size is known.

    Parameters
    ----------
    http : HttpClient
        One that retries, and adds no token.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def put(self, ticket: UploadTicket, body: PartBody, renew: RenewTicket, *, spare: Spare | None = None) -> None:
        """Store ``body`` under the ticket's bucket and path; see the port for what it raises."""
        answer = self._post(ticket, body)
        if answer.is_expired:
            ticket = renew()
            answer = self._post(ticket, body)
        if not answer.is_success:
            text = f"put {ticket.path}: the object store answered {answer.status}, {answer.reason}"
            raise StorageRefused(_without(text, _form_of(ticket)[1]), status=answer.status, code=answer.code)

    def _post(self, ticket: UploadTicket, body: PartBody) -> S3Answer:
        url, fields = _form_of(ticket)
        answer = self._send(ticket, url, fields, body)
        target = answer.headers.get("Location", "")
        if answer.status in ELSEWHERE and _is_same_service(url, target):
            answer = self._send(ticket, target, fields, body)
        return answer

    def _send(self, ticket: UploadTicket, url: str, fields: Mapping[str, str], body: PartBody) -> S3Answer:
        boundary = secrets.token_hex(16)
        form = _FormBody(
            before=_head(fields, boundary, ticket.path), file=body, after=f"\r\n--{boundary}--\r\n".encode()
        )
        request = HttpRequest(
            operation=f"put {ticket.path}",
            method="POST",
            url=url,
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
            body=form,
            size_bytes=form.size_bytes(),
        )
        return S3Answer.of(self._http.send(request))


def _form_of(ticket: UploadTicket) -> tuple[str, dict[str, str]]:
    """URL and fields of the presigned POST. Raises BrokenAnswer, InvalidName."""
    told = ticket.presigned_url
    url, fields = (told.get("url"), told.get("fields")) if isinstance(told, Mapping) else (None, None)
    if not isinstance(url, str) or not isinstance(fields, Mapping):
        raise BrokenAnswer(f"the upload ticket for {ticket.path} holds no usable presigned_url")
    parse_base_url("upload URL", url)
    return url, {str(name): str(value) for name, value in fields.items()}


def _head(fields: Mapping[str, str], boundary: str, path: str) -> bytes:
    """All of the form that stands before the file's bytes; S3 reads no field after them."""
    named = [f'name="{_quoted(name)}"\r\n\r\n{value}' for name, value in fields.items()]
    file_name = _quoted(path.rpartition("/")[2])
    named.append(f'name="file"; filename="{file_name}"\r\nContent-Type: application/octet-stream\r\n\r\n')
    return "\r\n".join(f"--{boundary}\r\nContent-Disposition: form-data; {field}" for field in named).encode()


def _quoted(text: str) -> str:
    """As browsers write names in a form."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _is_same_service(url: str, target: str) -> bool:
    """Whether a redirect stays with AWS: the form is as good as a key."""
    first, second = urlsplit(url), urlsplit(target)
    return second.scheme == "https" and all(
        (place.hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn")) for place in (first, second)
    )


def _without(text: str, fields: Mapping[str, str]) -> str:
    """``text`` with any signature, policy or key that a server may have put in it struck out."""
    for name, value in fields.items():
        if name.lower() not in ("key", "bucket") and len(value) >= 16:
            text = text.replace(value, "…")
    return text

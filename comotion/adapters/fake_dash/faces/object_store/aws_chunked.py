"""The aws-chunked coding: a body in chunks that may each be signed, and trailing fields that may be signed too.

Notes
-----
Source: Amazon S3 API reference, "Signature calculations for the Authorization header: transferring a payload in
multiple chunks" and "... including trailing headers".
"""

import hashlib
import re
from collections.abc import Generator, Iterator

from comotion.adapters.fake_dash.exchange import Body
from comotion.adapters.fake_dash.faces.object_store.doorman import Visitor
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal, bad_signature
from comotion.adapters.fake_dash.faces.object_store.sigv4 import EMPTY_SHA256, same, seal, stamp

READ_BYTES = 1 << 20
LONGEST_LINE = 16 * 1024
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SIZE = re.compile(rb"[0-9a-fA-F]{1,9}")
CODINGS = frozenset({SIGNED, SIGNED_WITH_TRAILER, UNSIGNED_WITH_TRAILER})


def _incomplete() -> Refusal:
    return Refusal(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the x-amz-decoded-content-length or Content-Length "
        "HTTP header",
    )


class _Lines:
    """A body as lines and runs of bytes."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._piece = memoryview(b"")

    def _more(self) -> None:
        piece = self._body.read(READ_BYTES)
        if not piece:
            raise _incomplete()
        self._piece = memoryview(piece)

    def run(self, size_bytes: int) -> Iterator[memoryview]:
        while size_bytes:
            if not self._piece:
                self._more()
            taken = self._piece[:size_bytes]
            self._piece = self._piece[len(taken) :]
            size_bytes -= len(taken)
            yield taken

    def line(self) -> bytes:
        """Up to the next line feed, without CR and LF."""
        line = bytearray()
        while not line.endswith(b"\n"):
            if not self._piece:
                self._more()
            end = bytes(self._piece[:LONGEST_LINE]).find(b"\n") + 1
            line += self._piece[: end or len(self._piece)]
            self._piece = self._piece[end or len(self._piece) :]
            if len(line) > LONGEST_LINE:
                raise Refusal("InvalidRequest", "A chunk header is too long")
        return bytes(line).rstrip(b"\r\n")


class ChunkedBody:
    """Takes the coding off.

    Parameters
    ----------
    body : Body
    visitor : Visitor
        Whose signature the chunks continue.

    Attributes
    ----------
    trailer : dict of lower-case field name to value
        Complete when ``chunks`` has ended.
    """

    def __init__(self, body: Body, visitor: Visitor) -> None:
        self._lines = _Lines(body)
        self._visitor = visitor
        self._coding = visitor.claim.payload
        self._signature = visitor.claim.signature
        self.trailer: dict[str, str] = {}

    def chunks(self) -> Iterator[memoryview]:
        """The content. Raises Refusal for a bad signature or a body that breaks off."""
        while (yield from self._chunk()):
            pass
        if self._coding != SIGNED:
            self._read_trailer()

    def _chunk(self) -> Generator[memoryview, None, int]:
        """One chunk; its size."""
        head, _, extension = self._lines.line().partition(b";")
        if not _SIZE.fullmatch(head.strip()):
            raise Refusal("InvalidRequest", "A chunk of the aws-chunked body has no size")
        size_bytes = int(head, 16)
        is_signed = self._coding != UNSIGNED_WITH_TRAILER
        digest = hashlib.sha256()
        for piece in self._lines.run(size_bytes):
            if is_signed:
                digest.update(piece)
            yield piece
        if is_signed:
            self._check("AWS4-HMAC-SHA256-PAYLOAD", [EMPTY_SHA256, digest.hexdigest()], _signature_in(extension))
        if size_bytes or self._coding == SIGNED:
            self._lines.line()
        return size_bytes

    def _read_trailer(self) -> None:
        signed_text, given = "", ""
        is_signed = self._coding == SIGNED_WITH_TRAILER  # some put an empty line before the signature
        while line := self._lines.line() or (b"" if given or not is_signed else self._lines.line()):
            name, _, value = line.decode("latin-1").partition(":")
            if name.strip().lower() == "x-amz-trailer-signature":
                given = value.strip()
                continue
            self.trailer[name.strip().lower()] = value.strip()
            signed_text += f"{name.strip().lower()}:{value.strip()}\n"
        if is_signed:
            digest = hashlib.sha256(signed_text.encode("latin-1")).hexdigest()
            self._check("AWS4-HMAC-SHA256-TRAILER", [digest], given)

    def _check(self, what: str, hashes: list[str], given: str) -> None:
        claim = self._visitor.claim
        text = "\n".join([what, stamp(claim.signed_at), str(claim.scope), self._signature, *hashes])
        self._signature = seal(self._visitor.key, text)
        if not same(given, self._signature):
            raise bad_signature()


def _signature_in(extension: bytes) -> str:
    name, _, value = extension.decode("latin-1").partition("=")
    return value.strip() if name.strip() == "chunk-signature" else ""

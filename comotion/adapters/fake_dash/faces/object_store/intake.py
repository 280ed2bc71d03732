"""Takes the bytes of an object to disk while everything that was promised about them is checked.

The file is handed over only when every promise holds; otherwise it is removed, and nothing was stored.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import evolve, field, frozen

from comotion.adapters.fake_dash.exchange import Request, whole_number
from comotion.adapters.fake_dash.faces.object_store.aws_chunked import CODINGS, READ_BYTES, ChunkedBody
from comotion.adapters.fake_dash.faces.object_store.checksums import (
    ALGORITHMS,
    HEADER,
    NAMES_OF_OTHERS,
    Digest,
    in_base64,
)
from comotion.adapters.fake_dash.faces.object_store.doorman import Visitor
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal
from comotion.adapters.fake_dash.faces.object_store.sigv4 import UNSIGNED
from comotion.adapters.fake_dash.framing import LARGEST_BODY_BYTES
from comotion.adapters.fake_dash.objects import Objects

LARGEST_PUT_BYTES = 5 * 1024**3
LARGEST_MD5_BYTES = 4 * 1024**2  # an MD5 costs as much as all the rest, and nothing needs that of a large body
_SHA256_HEX = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


@frozen(kw_only=True)
class Taken:
    """A body on disk, checked.

    Attributes
    ----------
    etag : str
        The MD5 in hex, where the body is small.
    checksums : mapping of algorithm to base64 value
        Those the sender named.
    """

    path: Path
    size_bytes: int
    etag: str
    is_md5: bool = True
    checksums: Mapping[str, str]

    def encryption_fields(self) -> dict[str, str]:
        """What tells a reader that the ETag is not the MD5: S3 says it where it encrypts with KMS keys."""
        return {} if self.is_md5 else {"x-amz-server-side-encryption": "aws:kms"}


@frozen(kw_only=True)
class Promises:
    """What the sender says the bytes will be.

    Attributes
    ----------
    sums : mapping of algorithm to base64 value
        An empty value is still to come in the trailer; None is not promised, only wanted.
    """

    size_bytes: int | None = None
    md5: str | None = None
    sha256_hex: str | None = None
    sums: Mapping[str, str | None] = field(factory=dict)


def named_sums(fields: Mapping[str, str]) -> dict[str, str]:
    """The check sums among header or form fields. Raises Refusal for an unknown one or a bad value."""
    found = {}
    for name, value in fields.items():
        algorithm = name.lower().removeprefix(HEADER)
        if algorithm == name.lower() or algorithm in NAMES_OF_OTHERS:
            continue
        if algorithm not in ALGORITHMS:
            raise Refusal("InvalidRequest", f"The algorithm type you specified in {name} header is invalid.")
        if not _is_base64(value, len(ALGORITHMS[algorithm]().digest())):
            raise Refusal("InvalidRequest", f"Value for {name} header is invalid.")
        found[algorithm] = value
    return found


def promises_of(request: Request) -> Promises:
    """The promises in the header of a PUT."""
    headers = request.headers
    payload = headers.get("x-amz-content-sha256", UNSIGNED)
    if payload not in CODINGS and payload != UNSIGNED and not _SHA256_HEX.fullmatch(payload):
        raise Refusal(
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or "
            "a valid sha256 value.",
        )
    md5 = headers.get("content-md5")
    if md5 is not None and not _is_base64(md5, 16):
        raise Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.")
    sums: dict[str, str | None] = {**named_sums(headers)}
    for name in headers.get("x-amz-trailer", "").split(","):
        algorithm = name.strip().lower().removeprefix(HEADER)
        if algorithm and algorithm not in ALGORITHMS:
            raise Refusal("InvalidRequest", f"The value specified in the x-amz-trailer header is not supported: {name}")
        if algorithm:
            sums[algorithm] = ""
    if len(sums) > 1:
        raise Refusal(
            "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        )
    return Promises(
        size_bytes=_promised_size(request),
        md5=md5,
        sha256_hex=payload.lower() if _SHA256_HEX.fullmatch(payload) else None,
        sums=sums,
    )


def _promised_size(request: Request) -> int | None:
    decoded = request.headers.get("x-amz-decoded-content-length")
    if decoded is None:
        if request.body.size_bytes is None:
            raise Refusal("MissingContentLength", "You must provide the Content-Length HTTP header.")
        return request.body.size_bytes
    size_bytes = whole_number(decoded, LARGEST_BODY_BYTES)
    if size_bytes is None:
        raise Refusal("InvalidArgument", "x-amz-decoded-content-length must be a number of bytes")
    return size_bytes


def take_request(objects: Objects, request: Request, visitor: Visitor, *, wanted: str | None = None) -> Taken:
    """Take a PUT's body, with the check sum ``wanted`` also where the sender promised none. Raises Refusal."""
    promises = promises_of(request)
    if wanted is not None and not promises.sums:
        promises = evolve(promises, sums={wanted: None})
    if promises.size_bytes is not None and promises.size_bytes > LARGEST_PUT_BYTES:
        raise Refusal("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
    if request.headers.get("x-amz-content-sha256") not in CODINGS:
        return take(objects, request.body.chunks(READ_BYTES), promises)
    body = ChunkedBody(request.body, visitor)
    return take(objects, body.chunks(), promises, trailer=body.trailer)


def take(
    objects: Objects,
    pieces: Iterable[bytes | memoryview],
    promises: Promises,
    *,
    trailer: Mapping[str, str] | None = None,
) -> Taken:
    """Write ``pieces`` to a new file and check them; whatever goes wrong, no file is left."""
    path = objects.new_path()
    try:
        return _take_to(path, pieces, promises, {} if trailer is None else trailer)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _take_to(path: Path, pieces: Iterable[bytes | memoryview], promises: Promises, trailer: Mapping[str, str]) -> Taken:
    digests = _Digests(promises)
    size_bytes = 0
    with path.open("wb") as file:
        for piece in pieces:
            size_bytes += len(piece)
            digests.update(piece)
            file.write(piece)
    checksums = _kept_promises(digests, size_bytes, promises, trailer)
    return Taken(
        path=path, size_bytes=size_bytes, etag=digests.etag(), is_md5=digests.md5 is not None, checksums=checksums
    )


def take_text(request: Request, largest_bytes: int, *, with_sums: bool) -> bytes | None:
    """The document in a request's body, checked as an object's bytes are; None where it is too long.

    Parameters
    ----------
    with_sums : bool
        Whether the check sums in the header are those of the document; with a completed upload they are the object's.
    """
    promises = promises_of(request)
    if not with_sums:
        promises = evolve(promises, sums={})
    text = request.body.whole(largest_bytes)
    if text is not None:
        digests = _Digests(promises)
        digests.update(text)
        _kept_promises(digests, len(text), promises, {})
    return text


def _kept_promises(
    digests: "_Digests", size_bytes: int, promises: Promises, trailer: Mapping[str, str]
) -> dict[str, str]:
    """The check sums of what came. Raises Refusal unless every promise was kept."""
    _check_size(size_bytes, promises)
    _check_md5(digests, promises)
    _check_sha256(digests, promises)
    checksums = {name: in_base64(digest.digest()) for name, digest in digests.sums.items()}
    _check_sums(checksums, promises, trailer)
    return checksums


class _Digests:
    """What has to be computed for these promises, each algorithm once."""

    def __init__(self, promises: Promises) -> None:
        needs_sha256 = promises.sha256_hex is not None or "sha256" in promises.sums
        is_small = promises.size_bytes is None or promises.size_bytes <= LARGEST_MD5_BYTES
        self.md5 = hashlib.md5(usedforsecurity=False) if is_small or promises.md5 is not None else None
        self.sha256 = hashlib.sha256() if needs_sha256 else None
        self.sums: dict[str, Digest] = {
            name: self.sha256 if name == "sha256" and self.sha256 else ALGORITHMS[name]() for name in promises.sums
        }
        others = [digest for digest in self.sums.values() if digest is not self.sha256]
        self._running: list[Digest] = [digest for digest in (self.md5, self.sha256, *others) if digest is not None]

    def update(self, piece: bytes | memoryview) -> None:
        for digest in self._running:
            digest.update(piece)

    def etag(self) -> str:
        """The MD5 of a small body; of a large one 32 digits that mean nothing, as S3's own under SSE-KMS."""
        return os.urandom(16).hex() if self.md5 is None else self.md5.hexdigest()


def _check_size(size_bytes: int, promises: Promises) -> None:
    if promises.size_bytes is not None and size_bytes != promises.size_bytes:
        raise Refusal(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
            details={"NumberBytesExpected": str(promises.size_bytes), "NumberBytesProvided": str(size_bytes)},
        )


def _check_md5(digests: _Digests, promises: Promises) -> None:
    if promises.md5 is None or digests.md5 is None:
        return
    found = in_base64(digests.md5.digest())
    if found != promises.md5:
        raise Refusal(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            details={"ExpectedDigest": promises.md5, "CalculatedDigest": found},
        )


def _check_sha256(digests: _Digests, promises: Promises) -> None:
    if promises.sha256_hex is None or digests.sha256 is None:
        return
    found = digests.sha256.hexdigest()
    if found != promises.sha256_hex:
        raise Refusal(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            details={"ClientComputedContentSHA256": promises.sha256_hex, "S3ComputedContentSHA256": found},
        )


def _check_sums(found: Mapping[str, str], promises: Promises, trailer: Mapping[str, str]) -> None:
    late = named_sums(trailer)
    for algorithm, value in found.items():
        if promises.sums[algorithm] is None:
            continue
        promised = promises.sums[algorithm] or late.get(algorithm)
        if promised is None:
            raise Refusal("MalformedTrailerError", "The request contained trailing data that was not well-formed.")
        if promised != value:
            raise Refusal("BadDigest", f"The {algorithm.upper()} you specified did not match the calculated checksum.")


def _is_base64(text: str, size_bytes: int) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == size_bytes
    except (binascii.Error, ValueError):
        return False

"""What lies in a bucket: objects, and objects that are still in parts."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from attrs import define, field, frozen


@frozen(kw_only=True)
class StoredObject:
    """One object. ``fields`` are the header fields that come back with it (Content-Type, x-amz-meta-*).

    Attributes
    ----------
    etag : str
        Without quotes: the MD5 in hex, or ``{hex}-{parts}`` after a multipart upload.
    checksums : mapping
        Algorithm in the service's spelling (``crc64nvme``, ``sha256``) to base64 value.
    """

    bucket: str
    key: str
    path: Path = field(repr=False)
    size_bytes: int
    etag: str
    modified: datetime
    fields: Mapping[str, str] = field(factory=dict)
    checksums: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class StoredPart:
    """One part of a multipart upload."""

    number: int
    path: Path = field(repr=False)
    size_bytes: int
    etag: str
    modified: datetime
    checksums: Mapping[str, str] = field(factory=dict)


@define(kw_only=True)
class MultipartUpload:
    """An object that is still in parts; a part sent again replaces the earlier one."""

    upload_id: str
    bucket: str
    key: str
    started: datetime
    fields: Mapping[str, str] = field(factory=dict)
    checksum_algorithm: str | None = None
    is_full_object: bool = False  # the check sum is of the whole object, not of the parts' check sums
    parts: dict[int, StoredPart] = field(factory=dict)

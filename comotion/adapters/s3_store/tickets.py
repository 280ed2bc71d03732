"""What an upload ticket tells: keys, region, endpoint. Nothing else is asked, no profile, no variable."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from comotion.adapters.s3_store.signing import Credentials
from comotion.domain.endpoints import parse_base_url
from comotion.domain.errors import BrokenAnswer, InvalidName
from comotion.domain.load import UploadTicket

DEFAULT_REGION = "us-east-1"
_AWS_HOST = re.compile(r"(?:.+\.)?s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z0-9]+)+")


def parse_endpoint(text: str) -> str:
    """An S3 endpoint that the user named, without its last slash. Plain http is the user's own decision.

    Raises
    ------
    InvalidName
        No http or https URL, or one with a user, query or fragment.
    """
    url = urlsplit(text.strip())
    if url.scheme not in ("http", "https") or not _host(text) or "@" in url.netloc or url.query or url.fragment:
        raise InvalidName(
            "the S3 endpoint (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL) must be https://host[:port], "
            "without user, query or fragment"
        )
    return text.strip().rstrip("/")


def credentials_of(ticket: UploadTicket) -> Credentials:
    """The STS credentials of a ticket. Raises BrokenAnswer where they are missing."""
    told = ticket.sts_credentials
    members = told if isinstance(told, Mapping) else {}
    key, secret, token = (members.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    if not (isinstance(key, str) and key and isinstance(secret, str) and secret):
        raise BrokenAnswer(f"the upload ticket for {ticket.path} holds no usable sts_credentials")
    return Credentials(
        access_key_id=key,
        secret_access_key=secret,
        session_token=token if isinstance(token, str) and token else None,
        expires_at=_moment(members.get("Expiration")),
    )


def _moment(told: object) -> datetime | None:
    """A time in any of the forms JSON makers give it; None where there is none that can be read."""
    try:
        if isinstance(told, int | float) and not isinstance(told, bool):
            return datetime.fromtimestamp(told / 1000 if told > 1e11 else told, UTC)
        moment = datetime.fromisoformat(str(told))
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def region_of(ticket: UploadTicket) -> str | None:
    """The region in the credential scope of the presigned form, where there is one."""
    fields = _presigned(ticket).get("fields")
    told = fields if isinstance(fields, Mapping) else {}
    scope = next((str(value) for name, value in told.items() if str(name).lower() == "x-amz-credential"), "")
    words = scope.rsplit("/", 4)
    return words[2] if len(words) == 5 and _REGION.fullmatch(words[2]) else None


def is_region(text: str | None) -> bool:
    return text is not None and _REGION.fullmatch(text) is not None


def _presigned(ticket: UploadTicket) -> Mapping[object, object]:
    return ticket.presigned_url if isinstance(ticket.presigned_url, Mapping) else {}


def object_url(ticket: UploadTicket, *, endpoint: str | None, region: str) -> str:
    """Where the object lies.

    A given endpoint is used in path style. Without one, a form that posts to something other than AWS tells the
    endpoint; otherwise it is AWS's own for the region, which has a name of its own for each bucket.

    Raises
    ------
    InvalidName
        The form's URL is no place that may be talked to.
    """
    key = quote(ticket.path, safe="/-_.~")
    if endpoint is not None:
        return f"{endpoint.rstrip('/')}/{quote(ticket.bucket, safe='-_.~')}/{key}"
    return f"{_base(ticket, region)}/{key}"


def _base(ticket: UploadTicket, region: str) -> str:
    """The bucket's URL without its last slash."""
    told = _presigned(ticket).get("url")
    if isinstance(told, str) and told and not _AWS_HOST.fullmatch(_host(told)):
        url = parse_base_url("upload URL", told)
        is_named = _host(told).startswith(f"{ticket.bucket}.") or url.endswith(f"/{ticket.bucket}")
        return url if is_named else f"{url}/{ticket.bucket}"
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    if "." in ticket.bucket:  # a certificate for *.s3.region covers no further dots
        return f"https://s3.{region}.{suffix}/{ticket.bucket}"
    return f"https://{ticket.bucket}.s3.{region}.{suffix}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        raise InvalidName("the upload ticket holds a URL that cannot be read") from None

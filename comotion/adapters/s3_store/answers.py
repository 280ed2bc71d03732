"""What S3 answers, as far as an upload needs it: an upload id, an ETag, an error code, a bucket's region."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.sax.saxutils import unescape

from attrs import field, frozen

from comotion.ports.http import Headers, HttpResponse

SHOWN_CHARACTERS = 300
NO_SUCCESS = re.compile(r"(?i)\s*(<\?xml[^>]*>)?\s*<(error|html|!doctype html)[\s>]")  # a proxy's page, too
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"})


@frozen(kw_only=True)
class S3Answer:
    """One answer, its body read whole."""

    status: int
    headers: Headers
    text: str = field(repr=False)

    @classmethod
    def of(cls, response: HttpResponse) -> "S3Answer":
        return cls(status=response.status, headers=response.headers, text=response.read().decode("utf-8", "replace"))

    @property
    def is_success(self) -> bool:
        """A 200 can still carry an error: completing an upload answers before it is done."""
        return 200 <= self.status < 300 and re.match(NO_SUCCESS, self.text) is None

    def member(self, name: str) -> str:
        """The text of the first element of that name, or an empty text."""
        found = re.search(rf"<{name}>([^<]*)</{name}>", self.text)
        return unescape(found[1], {"&quot;": '"', "&apos;": "'"}).strip() if found else ""

    @property
    def code(self) -> str:
        """S3's error code; empty where the answer is no error document (a HEAD, a proxy's page)."""
        return "" if self.is_success else self.member("Code")

    @property
    def message(self) -> str:
        return self.member("Message")[:SHOWN_CHARACTERS]

    @property
    def reason(self) -> str:
        """Code and message, for people."""
        said = ": ".join(filter(None, [self.code, self.message]))
        return said or ("which is no word of its own" if self.status < 300 else "without saying why")

    @property
    def is_expired(self) -> bool:
        """Whether keys, or a signed form, were good once and are no longer."""
        return self.code in EXPIRED or (self.code == "AccessDenied" and "expired" in self.message.lower())

    @property
    def region(self) -> str:
        """The region the bucket says it is in."""
        return self.headers.get("x-amz-bucket-region", "") or self.member("Region")

    @property
    def date(self) -> datetime | None:
        """The time by the store's clock."""
        try:
            moment = parsedate_to_datetime(self.headers.get("Date", ""))
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

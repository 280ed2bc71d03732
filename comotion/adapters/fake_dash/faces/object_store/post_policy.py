"""Presigned POST: the policy that was signed, and whether a form fulfils it.

Notes
-----
Source: Amazon S3 API reference, "POST policy" and "Browser-based uploads using POST (AWS Signature Version 4)".
"""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from attrs import field, frozen

from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal

NEVER_CONDITIONED = frozenset({"policy", "x-amz-signature", "file"})


@frozen(kw_only=True)
class Policy:
    """A policy document.

    Attributes
    ----------
    rules : tuple of (operator, field name, value)
        ``eq`` or ``starts-with``; names in lower case.
    smallest_bytes, largest_bytes : int or None
        Content-length-range.
    """

    expires_at: datetime
    rules: tuple[tuple[str, str, str], ...] = field(factory=tuple)
    smallest_bytes: int | None = None
    largest_bytes: int | None = None

    def check(self, fields: Mapping[str, str], now: datetime) -> None:
        """Raises AccessDenied unless every condition holds and every field is covered by one."""
        if now >= self.expires_at:
            raise _failed("Policy expired.")
        for operator, name, value in self.rules:
            given = fields.get(name, "")
            holds = given == value if operator == "eq" else given.startswith(value)
            if not holds:
                raise _failed(f'Policy Condition failed: ["{operator}", "${name}", "{value}"]')
        covered = {name for _, name, _ in self.rules} | NEVER_CONDITIONED
        for name in fields:
            if name not in covered and not name.startswith("x-ignore-"):
                raise _failed(f"Extra input fields: {name}")

    def check_size(self, size_bytes: int) -> None:
        """Raises EntityTooSmall or EntityTooLarge."""
        facts = {"ProposedSize": str(size_bytes)}
        if self.smallest_bytes is not None and size_bytes < self.smallest_bytes:
            raise Refusal(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                details=facts | {"MinSizeAllowed": str(self.smallest_bytes)},
            )
        if self.largest_bytes is not None and size_bytes > self.largest_bytes:
            raise Refusal(
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
                details=facts | {"MaxSizeAllowed": str(self.largest_bytes)},
            )


def _failed(reason: str) -> Refusal:
    return Refusal("AccessDenied", f"Invalid according to Policy: {reason}")


def parse_policy(encoded: str) -> Policy:
    """The policy in a form's ``policy`` field. Raises InvalidPolicyDocument."""
    wrong = Refusal(
        "InvalidPolicyDocument",
        "The content of the form does not meet the conditions specified in the policy document.",
    )
    try:
        document = json.loads(base64.b64decode(encoded, validate=True))
        expires_at = datetime.fromisoformat(document["expiration"])
        conditions = list(document["conditions"])
        rules = tuple(rule for condition in conditions for rule in _rules(condition))
        ranges = [c for c in conditions if isinstance(c, list) and str(c[0]).lower() == "content-length-range"]
        sizes = [(int(low), int(high)) for _, low, high in ranges]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise wrong from None
    return Policy(
        expires_at=expires_at if expires_at.tzinfo else expires_at.replace(tzinfo=UTC),
        rules=rules,
        smallest_bytes=max((low for low, _ in sizes), default=None),
        largest_bytes=min((high for _, high in sizes), default=None),
    )


def _rules(condition: object) -> Iterator[tuple[str, str, str]]:
    """What one condition asks. Raises ValueError for a form that S3 does not know."""
    if isinstance(condition, dict):
        for name, value in condition.items():
            yield "eq", name.lower(), str(value)
        return
    if not isinstance(condition, list) or len(condition) != 3:
        raise ValueError(condition)
    operator, name, value = condition
    if str(operator).lower() == "content-length-range":
        return
    if operator not in ("eq", "starts-with") or not name.startswith("$"):
        raise ValueError(condition)
    yield operator, name[1:].lower(), str(value)

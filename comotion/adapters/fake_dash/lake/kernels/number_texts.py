"""Text as numbers, as CAST reads them; UUIDs and addresses too."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.numbers import fitted
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()
_BOUNDS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}


def _text_to_integer(kind: str, shown: str) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]+", text):
            raise KernelRefusal(f"Cannot cast '{text}' to {shown}", "INVALID_CAST_ARGUMENT")
        value = int(text)
        if not -(2 ** _BOUNDS[kind]) <= value < 2 ** _BOUNDS[kind]:
            raise KernelRefusal(f"Cannot cast '{text}' to {shown}", "INVALID_CAST_ARGUMENT")
        return value

    return convert


for _kind, _shown in (("tinyint", "TINYINT"), ("smallint", "SMALLINT"), ("integer", "INT"), ("bigint", "BIGINT")):
    KERNELS(f"cast_varchar_to_{_kind}")(_text_to_integer(_kind, _shown))


_FLOAT = re.compile(r"[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[fFdD]?)")


def _text_to_float(shown: str) -> Callable[[str], float]:
    def convert(text: str) -> float:
        stripped = text.strip()
        if not _FLOAT.fullmatch(stripped):
            raise KernelRefusal(f"Cannot cast '{text}' to {shown}", "INVALID_CAST_ARGUMENT")
        return float(stripped.rstrip("fFdD") if "nf" not in stripped else stripped)

    return convert


KERNELS("cast_varchar_to_double")(_text_to_float("DOUBLE"))


KERNELS("cast_varchar_to_real")(_text_to_float("REAL"))


@KERNELS(typed=True)
def cast_varchar_to_decimal(parameters: tuple[Type, ...], returns: Type) -> Callable[[str], Decimal]:
    precision, scale = returns.size

    def convert(text: str) -> Decimal:
        message = f"Cannot cast VARCHAR '{text}' to DECIMAL({precision}, {scale})."
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            raise KernelRefusal(message + " Value is not a number.", "INVALID_CAST_ARGUMENT")
        return fitted(Decimal(text), returns, message + " Value too large.")

    return convert


@KERNELS()
def cast_varchar_to_boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in ("t", "true", "1"):
        return True
    if lowered in ("f", "false", "0"):
        return False
    raise KernelRefusal(f"Cannot cast '{text}' to BOOLEAN", "INVALID_CAST_ARGUMENT")


@KERNELS()
def cast_varchar_to_uuid(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise KernelRefusal(f"Cannot cast value to UUID: {text}", "INVALID_CAST_ARGUMENT")
    return text.lower()


@KERNELS()
def cast_uuid_to_varbinary(value: Any) -> bytes:
    return bytes(value.bytes)


@KERNELS()
def cast_varbinary_to_uuid(value: bytes) -> str:
    import uuid

    if len(value) != 16:
        raise KernelRefusal(f"Invalid UUID binary length: {len(value)}", "INVALID_CAST_ARGUMENT")
    return str(uuid.UUID(bytes=bytes(value)))

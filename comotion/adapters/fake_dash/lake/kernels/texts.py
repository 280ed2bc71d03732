"""Text: distances, Soundex, stems, padding, splitting, format(), URLs."""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from collections.abc import Callable
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


@KERNELS()
def substr_from(text: str, start: int, length: int) -> str:
    if start == 0 or length <= 0:
        return ""
    begin = start - 1 if start > 0 else len(text) + start
    if begin < 0 or begin >= len(text):
        return ""
    return text[begin : begin + length]


@KERNELS()
def strpos_nth(text: str, needle: str, instance: int) -> int:
    if instance == 0:
        raise KernelRefusal("'instance' must be a positive or negative number.")
    if needle == "":
        return 1 if instance > 0 else len(text) + 1
    step, at = (1 if instance > 0 else -1), (-1 if instance > 0 else len(text))
    for _ in range(abs(instance)):
        at = text.find(needle, at + 1) if step > 0 else text.rfind(needle, 0, max(at + len(needle) - 1, 0))
        if at < 0:
            return 0
    return at + 1


def _pad(left: bool) -> Callable[[str, int, str], str]:
    def pad(text: str, size: int, padding: str) -> str:
        if not 0 <= size <= 2**31 - 1:
            raise KernelRefusal("Target length must be in the range [0..2147483647]")
        if not padding:
            raise KernelRefusal("Padding string must not be empty")
        if len(text) >= size:
            return text[:size]
        filling = (padding * ((size - len(text)) // len(padding) + 1))[: size - len(text)]
        return filling + text if left else text + filling

    return pad


KERNELS("lpad")(_pad(True))
KERNELS("rpad")(_pad(False))


def _pad_bytes(left: bool) -> Callable[[bytes, int, bytes], bytes]:
    def pad(data: bytes, size: int, padding: bytes) -> bytes:
        if not 0 <= size <= 2**31 - 1:
            raise KernelRefusal("Target length must be in the range [0..2147483647]")
        if not padding:
            raise KernelRefusal("Padding bytes must not be empty")
        if len(data) >= size:
            return bytes(data[:size])
        filling = (bytes(padding) * ((size - len(data)) // len(padding) + 1))[: size - len(data)]
        return filling + bytes(data) if left else bytes(data) + filling

    return pad


KERNELS("lpad_bytes")(_pad_bytes(True))
KERNELS("rpad_bytes")(_pad_bytes(False))

_SPACES = " \t\n\x0b\f\r\x1c\x1d\x1e\x1f\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"


@KERNELS()
def trim_spaces(text: str, side: str) -> str:
    return _trimmed(text, _SPACES, side)


@KERNELS()
def trim_chars(text: str, characters: str, side: str) -> str:
    return _trimmed(text, characters, side) if characters else text


def _trimmed(text: str, characters: str, side: str) -> str:
    if side == "both":
        return text.strip(characters)
    return text.lstrip(characters) if side == "left" else text.rstrip(characters)


@KERNELS()
def split(text: str, delimiter: str, limit: int) -> list[str]:
    if not delimiter:
        raise KernelRefusal("The delimiter may not be the empty string")
    if limit <= 0:
        raise KernelRefusal("Limit must be positive")
    return text.split(delimiter, min(limit, 2**31) - 1)


@KERNELS()
def split_part(text: str, delimiter: str, index: int) -> str | None:
    if index <= 0:
        raise KernelRefusal("Index must be greater than zero")
    pieces = list(text) if not delimiter else text.split(delimiter)
    return pieces[index - 1] if index <= len(pieces) else None


def _entries(text: str, entry: str, key: str) -> list[tuple[str, str]]:
    if not entry:
        raise KernelRefusal("entryDelimiter is empty")
    if not key:
        raise KernelRefusal("keyValueDelimiter is empty")
    if entry == key:
        raise KernelRefusal("entryDelimiter and keyValueDelimiter must not be the same")
    found: list[tuple[str, str]] = []
    for piece in text.split(entry):
        if not piece:
            continue
        name, mark, value = piece.partition(key)
        if not mark or key in value:
            raise KernelRefusal(f"Key-value delimiter must appear exactly once in each entry. Bad input: '{piece}'")
        found.append((name, value))
    return found


@KERNELS()
def split_to_map(text: str, entry: str, key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _entries(text, entry, key):
        if name in found:
            raise KernelRefusal(f"Duplicate keys ({name}) are not allowed")
        found[name] = value
    return found


@KERNELS()
def split_to_entries(text: str, entry: str, key: str) -> list[dict[str, str]]:
    return [{"f0": name, "f1": value} for name, value in _entries(text, entry, key)]


@KERNELS()
def split_to_multimap(text: str, entry: str, key: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in _entries(text, entry, key):
        found.setdefault(name, []).append(value)
    return found


@KERNELS()
def levenshtein_distance(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


@KERNELS()
def hamming_distance(left: str, right: str) -> int:
    if len(left) != len(right):
        raise KernelRefusal("The input strings to hamming_distance function must have the same length")
    return sum(a != b for a, b in zip(left, right, strict=True))


_SOUNDS = {c: d for d, letters in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), 1) for c in letters}


@KERNELS()
def soundex(text: str) -> str:
    letters = [c for c in text.upper() if c.isalpha()]
    if any(c not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for c in letters):
        raise KernelRefusal(f"The character is not mapped: {text}")
    if not letters:
        return ""
    out, last = letters[0], _SOUNDS.get(letters[0], 0)
    for letter in letters[1:]:
        digit = _SOUNDS.get(letter, 0)
        if digit and digit != last:
            out += str(digit)
        if letter not in "HW":
            last = digit
    return (out + "000")[:4]


@KERNELS()
def normalize(text: str, form: str) -> str:
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


@KERNELS()
def luhn_check(text: str) -> bool:
    if not re.fullmatch(r"[0-9]*", text):
        raise KernelRefusal("Input string must only contain digits")
    if not text:
        return False
    total = 0
    for place, char in enumerate(reversed(text)):
        digit = int(char) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


@KERNELS()
def codepoint(text: str) -> int:
    if len(text) != 1:
        raise KernelRefusal("Input string must be a single character string")
    return ord(text)


@KERNELS("chr")
def character(number: int) -> str:
    try:
        return chr(number)
    except (ValueError, OverflowError):
        raise KernelRefusal(f"Not a valid Unicode code point: {number}") from None


@KERNELS()
def translate(text: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for place, char in enumerate(old):
        table.setdefault(ord(char), new[place] if place < len(new) else None)
    return text.translate(table)


@KERNELS("from_utf8")
def from_utf8(data: bytes, replacement: str = "\ufffd") -> str:
    if len(replacement) > 1:
        raise KernelRefusal("Replacement character string must empty or a single character")
    text = bytes(data).decode("utf-8", errors="surrogateescape")
    return re.sub("[\udc80-\udcff]", replacement, text)


@KERNELS()
def lower(text: str) -> str:
    return "".join(_one(c, c.lower()) for c in text)


@KERNELS()
def upper(text: str) -> str:
    return "".join(_one(c, c.upper()) for c in text)


def _one(before: str, after: str) -> str:
    """Trino maps one code point to one code point."""
    return after if len(after) == 1 else before


# ---- format() ---------------------------------------------------------------------------------------------------

_SPEC = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([tT])?([a-zA-Z%])")


@KERNELS("format", typed=True, keep_null=True)
def formatted(parameters: tuple[Type, ...], returns: Type) -> Callable[..., str | None]:
    """Java's String.format for the conversions that have one meaning."""

    def format_(pattern: str | None, *values: Any) -> str | None:
        if pattern is None:
            return None
        out, at, ordinary = [], 0, 0
        for found in _SPEC.finditer(pattern):
            out.append(pattern[at : found.start()])
            if "%" in out[-1]:
                raise KernelRefusal(f"Invalid format string: {pattern}")
            at = found.end()
            if found[6] == "%":
                out.append("%")
                continue
            if found[6] == "n":
                out.append("\n")
                continue
            index = int(found[1]) - 1 if found[1] else ordinary
            ordinary += 0 if found[1] else 1
            if index >= len(values):
                raise KernelRefusal(f"Invalid format string: {pattern} (Format specifier '{found[0]}')")
            out.append(_java_format(found, values[index], parameters[index + 1], pattern))
        if "%" in pattern[at:]:
            raise KernelRefusal(f"Invalid format string: {pattern}")
        return "".join([*out, pattern[at:]])

    return format_


def _java_format(found: re.Match[str], value: Any, kind: Type, pattern: str) -> str:
    flags, width, precision, time, letter = found[2] or "", found[3], found[4], found[5], found[6]
    if time:
        shown = _java_moment(letter, value, kind, pattern) if value is not None else "null"
        size = int(width or 0)
        shown = shown.upper() if time == "T" else shown
        return shown.ljust(size) if "-" in flags else shown.rjust(size)
    if letter in "aAhHgG":
        raise KernelUnknown(f"the conversion '{found[0]}' of format()")
    if letter in "sSbB" or value is None:
        shown = (
            _java_text(value, kind)
            if letter in "sS"
            else (
                "null"
                if value is None and letter not in "bB"
                else str(bool(value) if kind.base == "boolean" else value is not None).lower()
            )
        )
        shown = shown[: int(precision)] if precision else shown
        body = shown.upper() if letter in "SB" else shown
    elif letter in "dxXo":
        if not kind.is_integer or precision:
            raise KernelRefusal(f"Invalid format string: {pattern} ({letter} != {_java_class(kind)})")
        body = _java_integer(int(value), letter, flags, width, kind)
    elif letter in "eEf":
        if not (kind.is_floating or kind.base == "decimal"):
            raise KernelRefusal(f"Invalid format string: {pattern} ({letter} != {_java_class(kind)})")
        body = _java_float(value, letter, flags, int(precision) if precision else 6, width)
    elif letter in "cC":
        body = chr(value) if kind.base == "integer" else str(value)
    else:
        raise KernelRefusal(f"Invalid format string: {pattern} (Conversion = '{letter}')")
    size = int(width or 0)
    return body.ljust(size) if "-" in flags else body.rjust(size)


_JAVA_MOMENTS = {
    "A": "%A", "a": "%a", "B": "%B", "b": "%b", "h": "%b", "Y": "%Y", "y": "%y", "m": "%m", "d": "%d", "j": "%j",
    "H": "%H", "I": "%I", "M": "%M", "S": "%S", "F": "%Y-%m-%d", "D": "%m/%d/%y", "T": "%H:%M:%S", "R": "%H:%M",
}  # fmt: skip


_JAVA_NUMBERS: dict[str, Callable[[Any], str]] = {
    "e": lambda v: str(v.day), "k": lambda v: str(v.hour), "l": lambda v: str((v.hour - 1) % 12 + 1),
    "p": lambda v: "am" if v.hour < 12 else "pm", "L": lambda v: f"{v.microsecond // 1000:03d}",
}  # fmt: skip


def _java_moment(letter: str, value: Any, kind: Type, pattern: str) -> str:
    """A date or timestamp by one of Java's %t letters."""
    if kind.base not in ("date", "timestamp"):
        raise KernelRefusal(f"Invalid format string: {pattern} ({letter} != {_java_class(kind)})")
    if kind.base == "date" and letter in "HIMSTRpLklr":
        raise KernelRefusal(f"Invalid format string: {pattern} (Unsupported field)")
    if letter in _JAVA_NUMBERS:
        return _JAVA_NUMBERS[letter](value)
    if letter not in _JAVA_MOMENTS:
        raise KernelUnknown(f"the conversion '%t{letter}' of format()")
    return str(value.strftime(_JAVA_MOMENTS[letter]))


def _java_class(kind: Type) -> str:
    return {"varchar": "java.lang.String", "double": "java.lang.Double", "bigint": "java.lang.Long", "integer": "java.lang.Integer",
            "decimal": "java.math.BigDecimal", "boolean": "java.lang.Boolean"}.get(kind.base, kind.base)  # fmt: skip


def _java_text(value: Any, kind: Type) -> str:
    if value is None:
        return "null"
    if kind.base == "boolean":
        return str(value).lower()
    if kind.is_floating:
        return java_double(value)
    if kind.base in ("varchar", "char", "decimal", "date", "json", "uuid") or kind.is_integer:
        return str(value)
    if kind.base == "timestamp":
        text: str = value.isoformat()
        return text.removesuffix(":00") if value.second == 0 and value.microsecond == 0 else text
    raise KernelUnknown(f"format() of {kind}")


def java_double(value: float) -> str:
    """Double.toString."""
    import math
    from decimal import Decimal

    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = f"{Decimal(repr(value)):f}"
        return plain if "." in plain else plain + ".0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    body = "".join(map(str, digits)).rstrip("0")
    return f"{'-' if sign else ''}{body[0]}.{body[1:] or '0'}E{exponent + len(digits) - 1}"


def _java_integer(value: int, letter: str, flags: str, width: str | None, kind: Type) -> str:
    if letter == "d":
        return _signed(f"{abs(value):,}" if "," in flags else str(abs(value)), value < 0, flags, width)
    bits = {"tinyint": 8, "smallint": 16, "integer": 32}.get(kind.base, 64)
    unsigned = value & ((1 << bits) - 1)
    body = f"{unsigned:o}" if letter == "o" else f"{unsigned:x}"
    body = ("0" if letter == "o" else "0x") + body if "#" in flags else body
    body = body.rjust(int(width or 0), "0") if "0" in flags else body
    return body.upper() if letter == "X" else body


def _signed(body: str, negative: bool, flags: str, width: str | None) -> str:
    head = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    tail = ""
    if negative and "(" in flags:
        head, tail = "(", ")"
    if "0" in flags:
        body = body.rjust(int(width or 0) - len(head) - len(tail), "0")
    return head + body + tail


def _java_float(value: Any, letter: str, flags: str, places: int, width: str | None) -> str:
    import math
    from decimal import ROUND_HALF_UP, Context, Decimal

    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if letter == "f":
        rounded = abs(number).quantize(Decimal(1).scaleb(-places), context=Context(400, ROUND_HALF_UP))
        body = f"{rounded:,f}" if "," in flags else f"{rounded:f}"
    else:
        digits = Context(places + 1, ROUND_HALF_UP).plus(abs(number))
        power = digits.adjusted() if digits else 0
        mantissa = digits.scaleb(-power).quantize(Decimal(1).scaleb(-places), context=Context(400, ROUND_HALF_UP))
        body = f"{mantissa:f}{letter}{'-' if power < 0 else '+'}{abs(power):02d}"
    return _signed(body, number < 0 or (isinstance(value, float) and math.copysign(1, value) < 0), flags, width)


@KERNELS()
def format_number(value: float) -> str:
    return _format_number(value)


def _format_number(value: float) -> str:
    units = ("", "K", "M", "B", "T", "Q")
    index, rest = 0, value
    while abs(rest) >= 1000 and index < len(units) - 1:
        rest, index = rest / 1000, index + 1
    from decimal import ROUND_HALF_UP, Decimal

    places = 2 if abs(rest) < 10 else 1 if abs(rest) < 100 else 0
    shown = Decimal(repr(float(rest))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{shown:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + units[index]


# ---- URLs -------------------------------------------------------------------------------------------------------


def _parsed(url: str) -> urllib.parse.SplitResult | None:
    if re.search(r"[\s\\^`{|}<>\"]", url) or re.search(r"%(?![0-9A-Fa-f]{2})", url):
        return None
    try:
        found = urllib.parse.urlsplit(url)
        _ = found.port
    except ValueError:
        return None
    return found


@KERNELS()
def url_part(url: str, part: str) -> str | None:
    found = _parsed(url)
    if found is None:
        return None
    if part == "host":
        match = re.match(r"[a-zA-Z][\w+.-]*://(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)", url)
        return match[1] if match else ""
    chosen = {"protocol": found.scheme, "path": urllib.parse.unquote(found.path), "query": urllib.parse.unquote(found.query),
              "fragment": urllib.parse.unquote(found.fragment)}[part]  # fmt: skip
    if part == "protocol":
        return url.partition(":")[0] if found.scheme else ""
    return chosen


@KERNELS()
def url_port(url: str) -> int | None:
    found = _parsed(url)
    return found.port if found is not None else None


@KERNELS()
def url_parameter(url: str, name: str) -> str | None:
    found = _parsed(url)
    if found is None:
        return None
    for piece in found.query.split("&"):
        key, mark, value = piece.partition("=")
        if urllib.parse.unquote(key) == name:
            return urllib.parse.unquote_plus(value) if mark else ""
    return None


@KERNELS()
def url_encode(text: str) -> str:
    return urllib.parse.quote_plus(text, safe="*-._").replace("~", "%7E")


@KERNELS()
def url_decode(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise KernelRefusal(f"URLDecoder: Illegal hex characters in escape (%) pattern - {text}")
    return urllib.parse.unquote_plus(text)


@KERNELS()
def network_contains(network: str, address: str) -> bool:
    import ipaddress

    try:
        found = ipaddress.ip_network(network, strict=False)
    except ValueError:
        raise KernelRefusal(f"Invalid CIDR: {network}") from None
    return ipaddress.ip_address(address) in found

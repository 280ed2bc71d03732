"""Text: distances, Soundex, stems, padding, splitting, format(), URLs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

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

_SPACES = (
    " "
    "\t\n\x0b\f\r\x1c\x1d\x1e\x1f\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"
)


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
    if not 0 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise KernelRefusal(f"Not a valid Unicode code point: {number}")
    return chr(number)


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
    """Each character's own small letter, as Java has it: one for one."""
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


@KERNELS()
def upper(text: str) -> str:
    """Each character's own capital, as Java has it: one for one, and ß has none."""
    return text.upper() if text.isascii() else "".join(_capital(c) for c in text)


def _capital(one: str) -> str:
    return next((found for found in (one.upper(), one.title()) if len(found) == 1), one)


# ---- URLs ------------------------------------------------------------------------------------------------


@KERNELS()
def reverse_text(text: str) -> str:
    return text[::-1]


@KERNELS()
def replace_text(text: str, old: str, new: str) -> str:
    return text.replace(old, new)

"""Regular expressions in Java's syntax, and LIKE."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.character_classes import character_class
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown
from comotion.adapters.fake_dash.lake.kernels.unicode_categories import category_body, is_category

KERNELS = Kernels()

# what Java calls by name, in ASCII as Java has it
_NAMED = {
    "Lower": "a-z", "Upper": "A-Z", "ASCII": r"\x00-\x7F", "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~", "Graph": "!-~", "Print": " -~", "Blank": r" \t", "Cntrl": r"\x00-\x1F\x7F",
    "XDigit": "0-9a-fA-F", "Space": r" \t\n\x0B\f\r",
}  # fmt: skip


@lru_cache(maxsize=2048)
def java_pattern(pattern: str) -> re.Pattern[str]:
    """A Java pattern as Python's re has it.

    Raises
    ------
    KernelRefusal
        Where the pattern is wrong, or uses what Python's re cannot say.
    """
    try:
        return re.compile(_python_pattern(pattern))
    except re.error as error:
        raise KernelRefusal(f"{error.msg}: {pattern}") from None


def _python_pattern(pattern: str) -> str:
    out: list[str] = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            piece, index = _escape(pattern, index, False)
            out.append(piece)
            continue
        if char == "[":
            piece, index = character_class(pattern, index, _escape)
            out.append(piece)
            continue
        if pattern.startswith("(?<", index) and pattern[index + 3 : index + 4] not in ("=", "!"):
            out.append("(?P<")
            index += 3
            continue
        out.append(r"(?=\n?\Z)" if char == "$" else char)
        index += 1
    return _flags("".join(out))


def _escape(pattern: str, index: int, inside: bool) -> tuple[str, int]:
    following = pattern[index + 1 : index + 2]
    if following == "Q":
        end = pattern.find(r"\E", index)
        body = pattern[index + 2 : end if end >= 0 else None]
        return re.escape(body), (end + 2 if end >= 0 else len(pattern))
    if following in ("p", "P"):
        match = re.compile(r"\\([pP])(?:\{(\w+)\}|(\w))").match(pattern, index)
        name = (match[2] or match[3]) if match else ""
        if match is None or (name not in _NAMED and not is_category(name)):
            raise KernelUnknown(f"the character class {pattern[index : index + 8]}")
        return _category(name, match[1] == "P", inside), match.end()
    plain = {
        "z": r"\Z",
        "Z": r"(?=\n?\Z)",
        "h": (
            r"[ "
            r"\t\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]"
        ),
        "R": r"(?:\r\n|[\n\x0B\f\r\x85\u2028\u2029])",
        "e": r"\x1B",
        "k": "",
        "G": "",
        "X": "",
    }
    if following == "k":
        match = re.compile(r"\\k<(\w+)>").match(pattern, index)
        if match is not None:
            return f"(?P={match[1]})", match.end()
    if following in ("G", "X"):
        raise KernelUnknown(rf"\{following} in a pattern")
    if following in plain and not inside:
        return plain[following], index + 2
    if following and following.isalpha() and following not in "tnrfaduDsSwWbBAxuvcE0":
        raise KernelRefusal(f"Unknown escape \\{following} in pattern")
    return pattern[index : index + 2], index + 2


def _category(name: str, negated: bool, inside: bool) -> str:
    if name not in _NAMED:
        body = category_body(name, negated)
        return body if inside else f"[{body}]"
    body = _NAMED[name]
    if inside:
        if negated:
            raise KernelUnknown("a negated class")
        return body
    return f"[{'^' if negated else ''}{body}]"


def _flags(pattern: str) -> str:
    """Inline flags at the start stay; Java's (?d) and (?u) are refused as Trino refuses them."""
    match = re.match(r"\(\?([a-zA-Z]+)\)", pattern)
    if match and set(match[1]) & set("du"):
        raise KernelRefusal(f"Unsupported flag in pattern: {pattern}")
    if not match and re.search(r"\(\?[imsx]+\)", pattern):
        at = re.search(r"\(\?([imsx]+)\)", pattern)
        assert at is not None
        return f"{pattern[: at.start()]}(?{at[1]}:{pattern[at.end() :]})"
    return pattern


def java_replacement(replacement: str, found: re.Match[str]) -> str:
    """What $1, ${name} and \\$ in a replacement come to for one match."""
    out: list[str] = []
    index = 0
    groups = found.re.groups
    while index < len(replacement):
        char = replacement[index]
        if char == "\\":
            if index + 1 >= len(replacement):
                raise KernelRefusal(f"Illegal replacement sequence: {replacement}")
            out.append(replacement[index + 1])
            index += 2
        elif char == "$":
            text, index = _group(replacement, index, found, groups)
            out.append(text)
        else:
            out.append(char)
            index += 1
    return "".join(out)


def _group(replacement: str, index: int, found: re.Match[str], groups: int) -> tuple[str, int]:
    match = re.compile(r"\$(?:\{(\w+)\}|(\d))").match(replacement, index)
    if match is None:
        raise KernelRefusal(f"Illegal replacement sequence: {replacement}")
    if match[1] is not None:
        if match[1] not in found.re.groupindex:
            raise KernelRefusal(f"Illegal replacement sequence: unknown group {{ {match[1]} }}")
        return found[match[1]] or "", match.end()
    number, end = int(match[2]), match.end()
    if number > groups:
        raise KernelRefusal(f"Illegal replacement sequence: unknown group {number}")
    while end < len(replacement) and replacement[end].isdigit() and number * 10 + int(replacement[end]) <= groups:
        number, end = number * 10 + int(replacement[end]), end + 1
    return found[number] or "", end


# ---- the functions ---------------------------------------------------------------------------------------


@KERNELS()
def regexp_like(text: str, pattern: str) -> bool:
    return java_pattern(pattern).search(text) is not None


def _checked(pattern: str, group: int) -> re.Pattern[str]:
    compiled = java_pattern(pattern)
    if group < 0 or group > compiled.groups:
        raise KernelRefusal(
            f"Pattern has {compiled.groups} groups. Cannot access group {group}"
            if group >= 0
            else "Group cannot be negative"
        )
    return compiled


@KERNELS()
def regexp_extract(text: str, pattern: str, group: int) -> str | None:
    found = _checked(pattern, group).search(text)
    return found[group] if found is not None else None


@KERNELS()
def regexp_extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    return [found[group] for found in _checked(pattern, group).finditer(text)]


@KERNELS()
def regexp_count(text: str, pattern: str) -> int:
    return sum(1 for _ in java_pattern(pattern).finditer(text))


@KERNELS()
def regexp_position(text: str, pattern: str, start: int, occurrence: int) -> int:
    if start < 1:
        raise KernelRefusal("start position cannot be smaller than 1")
    if occurrence < 1:
        raise KernelRefusal("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for number, found in enumerate(java_pattern(pattern).finditer(text, start - 1), 1):
        if number == occurrence:
            return found.start() + 1
    return -1


@KERNELS()
def regexp_replace(text: str, pattern: str, replacement: str) -> str:
    return java_pattern(pattern).sub(lambda found: java_replacement(replacement, found), text)


@KERNELS()
def regexp_split(text: str, pattern: str) -> list[str]:
    pieces, at = [], 0
    for found in java_pattern(pattern).finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
    return [*pieces, text[at:]]


@KERNELS()
def regexp_gaps(text: str, pattern: str) -> list[str]:
    """The texts between matches, one more than there are matches."""
    return regexp_split(text, pattern)


@KERNELS()
def regexp_groups(text: str, pattern: str) -> list[list[str | None]]:
    """The groups of each match."""
    return [list(found.groups()) for found in java_pattern(pattern).finditer(text)]


@KERNELS()
def woven(gaps: list[str], fillings: list[str | None]) -> str | None:
    """Gaps and what goes between them; a NULL filling makes the whole NULL."""
    out = [gaps[0]]
    for gap, filling in zip(gaps[1:], fillings, strict=True):
        if filling is None:
            return None
        out += [filling, gap]
    return "".join(out)


# ---- LIKE ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def like_pattern(pattern: str, escape: str | None) -> re.Pattern[str]:
    """A LIKE pattern as a regular expression for the whole text."""
    if escape is not None and len(escape) > 1:
        raise KernelRefusal("Escape string must be a single character")
    escape = escape or None
    out: list[str] = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        if escape is not None and char == escape:
            following = pattern[index + 1 : index + 2]
            if following not in ("%", "_", escape) or not following:
                raise KernelRefusal("Escape character must be followed by '%', '_' or the escape character itself")
            out.append(re.escape(following))
            index += 1
        else:
            out.append(".*" if char == "%" else "." if char == "_" else re.escape(char))
        index += 1
    return re.compile("".join(out), re.S)


@KERNELS()
def like(text: str, pattern: str, escape: str | None = None) -> Any:
    return like_pattern(pattern, escape).fullmatch(text) is not None

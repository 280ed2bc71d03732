"""Character classes with classes inside, intersections and names in brackets, in words of Python's re."""

from __future__ import annotations

import re
from collections.abc import Callable

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal
from comotion.adapters.fake_dash.lake.kernels.unicode_categories import category_body

Escape = Callable[[str, int, bool], tuple[str, int]]
_IN_BRACKETS = re.compile(r"\[:(\^?)(\w+):\]")
_ANYTHING = "(?s:.)"
# what a name in brackets stands for in a Unicode text
_CATEGORIES = {"alpha": ("L", "M"), "alnum": ("L", "M", "Nd"), "digit": ("Nd",), "lower": ("Ll",), "upper": ("Lu",)}
_OTHERS = {
    "space": r"\s", "xdigit": "0-9A-Fa-f", "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "word": r"\w",
    "ascii": r"\x00-\x7F", "cntrl": r"\x00-\x1F\x7F", "graph": "!-~", "print": " -~",
}  # fmt: skip


def character_class(pattern: str, at: int, escape: Escape) -> tuple[str, int]:
    """The class that opens at a place, and the place behind it.

    Parameters
    ----------
    escape : callable
        Pattern, place of a backslash and True, since it stands inside a class, to what Python's re calls it and
        the place behind it.

    Raises
    ------
    KernelRefusal
        Where the class does not end, or a name in brackets is none.
    """
    negated = pattern.startswith("[^", at)
    index = start = at + 1 + negated
    sides: list[list[str]] = [[]]
    plain = ""
    while index < len(pattern):
        if pattern[index] == "]" and index > start:
            sides[-1] += [f"[{plain}]"] if plain else []
            return _said(sides, negated), index + 1
        if pattern.startswith("&&", index):
            sides[-1] += [f"[{plain}]"] if plain else []
            sides, plain, index = [*sides, []], "", index + 2
        elif (named := _IN_BRACKETS.match(pattern, index)) is not None:
            sides[-1].append(f"[{named[1]}{_named(named[2])}]")
            index = named.end()
        elif pattern[index] == "[":
            inner, index = character_class(pattern, index, escape)
            sides[-1].append(inner)
        elif pattern[index] == "\\":
            is_class = pattern[index + 1 : index + 2] in tuple("dswDSWpP")
            piece, index = escape(pattern, index, True)
            plain += piece
            if is_class and pattern.startswith("-", index):  # a class begins no range, to Java
                plain, index = f"{plain}\\-", index + 1
        else:
            plain += f"\\{pattern[index]}" if pattern[index] in "^&|~]" else pattern[index]
            index += 1
    raise KernelRefusal(f"premature end of char-class: {pattern}")


def _named(name: str) -> str:
    if name in _CATEGORIES:
        return "".join(category_body(one, False) for one in _CATEGORIES[name])
    if name not in _OTHERS:
        raise KernelRefusal(f"invalid POSIX bracket type: [:{name}:]")
    return _OTHERS[name]


def _said(sides: list[list[str]], negated: bool) -> str:
    """A character that is in one of each side's sets."""
    if len(sides) == 1 and len(sides[0]) == 1 and sides[0][0].startswith("["):
        only = sides[0][0]
        if not negated:
            return only
        if not only.startswith("[^"):
            return f"[^{only[1:]}"
    either = [one[0] if len(one) == 1 else f"(?:{'|'.join(one)})" if one else "(?!)" for one in sides]
    both = "".join(f"(?={one})" for one in either[:-1]) + either[-1]
    return f"(?:(?!{both}){_ANYTHING})" if negated else f"(?:{both})"

"""Settings that a test makes, in Python or over HTTP, are checked where they are made: a typo would do nothing."""

from collections.abc import Callable, Collection
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from attrs import Attribute


def must_be(spoken: str, is_right: Callable[[Any], bool]) -> "Callable[[object, Attribute[Any], Any], None]":
    """A validator of attrs. It raises ValueError: name must be so and so, not this."""

    def check(_: object, attribute: "Attribute[Any]", value: Any) -> None:
        if not is_right(value):
            raise ValueError(f"{attribute.name} must be {spoken}, not {value!r}")

    return check


def check_operation(name: str, operations: Collection[str]) -> None:
    """Raises ValueError where no operation has the name or fits the pattern: nothing would ever be found by it."""
    if operations and not any(fnmatchcase(one, name) for one in operations):
        near = get_close_matches(name, operations, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(operations))}"
        raise ValueError(f"no operation is called {name!r}; {hint}")


def is_whole(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def is_number(value: object, least: float, most: float = 1e9) -> bool:
    return type(value) in (int, float) and least <= value <= most  # type: ignore[operator]


def is_text(value: object) -> bool:
    return isinstance(value, str)


TRUTH = must_be("true or false", lambda value: isinstance(value, bool))
TEXT = must_be("a text", is_text)
SOME_TEXT = must_be("a text that is not empty", lambda value: is_text(value) and bool(value))
TEXT_OR_NONE = must_be("a text or nothing", lambda value: value is None or is_text(value))
SECONDS = must_be("0 or more seconds", lambda value: is_number(value, 0))

"""HTML as values: a text is escaped wherever it is put; only what was built here is markup."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from attrs import frozen

VOID = frozenset({"br", "input", "link", "meta"})
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@frozen
class Html:
    """Markup. Made by ``el`` and ``joined`` only."""

    text: str


Content = str | Html | None | Sequence["Content"]
Value = str | int | bool | None


def el(name: str, /, *content: Content, **attributes: Value) -> Html:
    """An element.

    Parameters
    ----------
    name : str
    *content : text, Html, sequences of them, or None
        Texts are escaped; None is nothing.
    **attributes
        ``class_`` is class, ``aria_label`` is aria-label. True is an attribute without a value; None and False are
        left out.

    Examples
    --------
    >>> el("a", "R&D", href='?q="', class_="link", hidden=False).text
    '<a href="?q=&quot;" class="link">R&amp;D</a>'
    """
    named = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{named}>")
    return Html(f"<{name}{named}>{joined(*content).text}</{name}>")


def joined(*content: Content) -> Html:
    """Several pieces as one."""
    return Html("".join(_texts(content)))


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{_escaped(str(value))}"'


def _texts(content: Content) -> Iterator[str]:
    if content is None:
        return
    if isinstance(content, Html):
        yield content.text
    elif isinstance(content, str):
        yield _escaped(content)
    else:
        for piece in content:
            yield from _texts(piece)


def _escaped(text: str) -> str:
    """Escaped, and what no page may hold (control characters, lone surrogates) as U+FFFD."""
    return escape(UNSEEN.sub("\ufffd", text))

"""The XML that S3 speaks: documents written from nested pairs, and the two that clients send, read."""

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from comotion.adapters.fake_dash.exchange import Request, Response
from comotion.adapters.fake_dash.faces.object_store.intake import take_text
from comotion.adapters.fake_dash.faces.object_store.refusals import malformed_xml

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
LARGEST_DOCUMENT = 2 * 1024 * 1024
Node = tuple[str, "str | int | bool | Sequence[Node] | None"]


def _written(node: Node) -> str:
    name, content = node
    if content is None:
        return ""
    if isinstance(content, bool):
        text = str(content).lower()
    elif isinstance(content, str | int):
        text = escape(str(content), {"\r": "&#13;"})  # a bare one is read as a line feed (XML 1.0, 2.11)
    else:
        text = "".join(map(_written, content))
    return f"<{name}>{text}</{name}>"


def document(name: str, content: "str | Sequence[Node]", *, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """A 200 with one document; a member that is None is left out."""
    inner = escape(content) if isinstance(content, str) else "".join(map(_written, content))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{inner}</{name}>'
    return Response(headers=[("Content-Type", "application/xml"), *headers], body=text.encode())


def when(moment: datetime) -> str:
    """As S3 writes a time in a document."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def read_document(request: Request, root: str, *, with_sums: bool = False) -> ElementTree.Element:
    """The document a client sent, its namespace taken off; ``with_sums`` as in ``take_text``. Raises Refusal.

    A document type is refused before it is parsed: it could define entities without end.
    """
    text = take_text(request, LARGEST_DOCUMENT, with_sums=with_sums)
    if text is None or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise malformed_xml()
    try:
        tree = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        raise malformed_xml() from None
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    if tree.tag != root:
        raise malformed_xml()
    return tree

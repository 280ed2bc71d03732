"""What format some bytes are in, told by their content; what is no table is refused by the name of what it is."""

import codecs
import re

from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import NotATable, UnreadableSource

HEAD_BYTES = 1 << 16

_TABLES = {b"PAR1": "parquet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "excel", b"PK\x03\x04": "excel"}
_NO_TABLES = {
    b"PARE": "an encrypted Parquet file: decrypt it first",
    b"ARROW1": "an Arrow (Feather) file: open it with pyarrow.feather.read_table and pass the table",
    b"ORC": "an ORC file: open it with pyarrow.orc.read_table and pass the table",
    b"Obj\x01": "an Avro file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"BM": "a bitmap image",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"SQLite format 3\x00": "an SQLite database: pass a query and con= instead",
    b"\x00\x00\x00\x01Bud1": "a folder description of macOS",
    b"\x89HDF": "an HDF5 file: open it with pandas.read_hdf and pass the frame",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"Rar!": "a RAR archive: unpack it first",
    b"\x80\x04": "a pickle, which is not opened because it can run code: pass the frame it holds",
    b"\x80\x05": "a pickle, which is not opened because it can run code: pass the frame it holds",
}
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MARKUP = re.compile(r"\s*<(?:!doctype|html|\?xml|!--)", re.IGNORECASE)
_JSON = re.compile(r'\s*(?:\[\s*(?:[\[{"\]\d-]|true|false|null|$)|\{\s*(?:["}]|$))')
_JSON_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
_TAR_AT, _TAR = 257, b"ustar"


def format_of(raw: Raw, *, encoding: object = None) -> str:
    """``"parquet"``, ``"excel"``, ``"json"`` or ``"csv"``.

    Raises
    ------
    UnreadableSource
        Certainly none of these; the message says what it is and what to do.
    """
    with raw.open() as stream:
        head = stream.read(HEAD_BYTES)
    for magic, format_ in _TABLES.items():
        if head.startswith(magic):
            return format_
    for magic, what in _NO_TABLES.items():
        if head.startswith(magic) and not (magic.isalpha() and _is_words(head)):
            raise NotATable(f"{raw.name} is no table but {what}")
    if head[_TAR_AT:].startswith(_TAR):
        raise NotATable(f"{raw.name} is a tar archive: unpack it and load the folder")
    text = _text(head, encoding, raw.name)
    if _MARKUP.match(text):
        raise NotATable(f"{raw.name} is no table but an HTML or XML document")
    if _JSON.match(text) or (raw.hint in _JSON_SUFFIXES and text.lstrip()[:1] in ("[", "{")):
        return "json"
    return "csv"


def _is_words(head: bytes) -> bool:
    """Whether what looks like the mark of a binary format is the beginning of plain text (a column ``BMI``)."""
    return head[:512].decode("ascii", "replace").replace("\n", "").replace("\r", "").replace("\t", "").isprintable()


def _text(head: bytes, encoding: object, name: str) -> str:
    if isinstance(encoding, str):
        try:
            "a".encode(encoding)  # raises LookupError also for a codec that is none of text
            return codecs.getincrementaldecoder(encoding)("replace").decode(head)
        except (LookupError, UnicodeError):
            return head.decode("latin-1")  # the reader says what is wrong
    for bom, found in _BOMS.items():
        if head.startswith(bom) and found != "utf-8":
            raise UnreadableSource(f"{name} is text in {found}; pass encoding={found!r}")
    first_line = head.partition(b"\n")[0]
    if b"\x00" in first_line:
        hint = "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
        looks = head[:512].count(b"\x00") * 3 > len(head[:512])
        raise UnreadableSource(
            f"{name} is text in UTF-16 without a mark; pass encoding={hint!r}"
            if looks
            else f"{name} is no table: its first line holds NUL characters"
        )
    return head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")

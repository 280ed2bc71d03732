"""multipart/form-data read as a stream: the fields, then the file, which is never whole in memory (RFC 7578).

S3 takes the fields that stand before the file and ignores what follows it.
"""

from collections.abc import Iterator
from email.message import Message

from comotion.adapters.fake_dash.exchange import Body
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal

READ_BYTES = 1 << 20
MOST_FIELD_BYTES = 20 * 1024


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a multipart/form-data content type names, else None."""
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or not boundary:
        return None
    return boundary.encode("latin-1")


def _malformed() -> Refusal:
    return Refusal("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")


class Form:
    """A form whose last field of interest is the file.

    Attributes
    ----------
    fields : dict of lower-case name to text
        Those before the file.
    file_name : str
    file_type : str or None
        The Content-Type that the file came with.
    """

    def __init__(self, body: Body, boundary: bytes) -> None:
        self._body = body
        self._delimiter = b"\r\n--" + boundary
        self._held = b"\r\n"  # so that the first delimiter looks like every other
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self.file_type: str | None = None
        self._read_fields()

    def _more(self) -> None:
        piece = self._body.read(READ_BYTES)
        if not piece:
            raise _malformed()
        self._held += piece

    def _up_to(self, mark: bytes) -> bytes:
        """What stands before ``mark``, which is taken off too."""
        while (at := self._held.find(mark)) < 0:
            if len(self._held) > MOST_FIELD_BYTES + READ_BYTES:
                raise Refusal(
                    "MaxPostPreDataLengthExceeded",
                    "Your POST request fields preceding the upload file were too large.",
                )
            self._more()
        found, self._held = self._held[:at], self._held[at + len(mark) :]
        return found

    def _read_fields(self) -> None:
        if self._up_to(self._delimiter).strip():
            raise _malformed()
        total_bytes = 0
        while True:
            if self._up_to(b"\r\n").strip():  # "--" ends a form without a file
                raise Refusal("InvalidArgument", "POST requires exactly one file upload per request.")
            name, file_name = self._read_head()
            if file_name is not None or name == "file":
                self.file_name = file_name or ""
                return
            value = self._up_to(self._delimiter)
            total_bytes += len(value)
            if total_bytes > MOST_FIELD_BYTES:
                raise Refusal(
                    "MaxPostPreDataLengthExceeded",
                    "Your POST request fields preceding the upload file were too large.",
                )
            try:
                self.fields[name] = value.decode()
            except UnicodeDecodeError:
                raise _malformed() from None

    def _read_head(self) -> tuple[str, str | None]:
        """Name and file name of the field that begins here."""
        message = Message()
        for line in self._up_to(b"\r\n\r\n").split(b"\r\n"):
            header, _, value = line.decode("utf-8", "replace").partition(":")
            message[header.strip()] = value.strip()
        name = message.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise _malformed()
        file_name = message.get_param("filename", header="content-disposition")
        self.file_type = message.get("content-type")
        return name.lower(), file_name if isinstance(file_name, str) else None

    def file_chunks(self) -> Iterator[bytes]:
        """The file's bytes. What may be the beginning of the delimiter is held back until it is known."""
        keep = len(self._delimiter) - 1
        while (at := self._held.find(self._delimiter)) < 0:
            if len(self._held) > keep:
                yield self._held[:-keep]
                self._held = self._held[-keep:]
            self._more()
        if at:
            yield self._held[:at]
        for _ in self._body.chunks():  # fields after the file are ignored
            pass

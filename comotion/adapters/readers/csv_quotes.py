"""Whether every quote of a CSV text stands where one belongs, at the speed of memory.

A text for which this holds has no quote that was never closed. Where it does not hold (``5" pipe`` is a fair field),
the records have to be looked at one by one.
"""

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import numpy as np

    Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]

PIECE_BYTES = 1 << 20


def are_well_quoted(stream: BinaryIO, *, sep: bytes, quote: bytes) -> bool:
    """Whether quotes open after a separator or a line end only, and close before one only; ``""`` is both.

    Parameters
    ----------
    stream : binary stream
        From the beginning of a record to the end of the text.
    sep, quote : bytes
        One byte each.
    """
    before, is_inside = b"\n", False
    while piece := stream.read(PIECE_BYTES):
        text = before + piece
        while text.endswith(quote) and (following := stream.read(1)):  # what follows a quote decides on it
            text += following
        answer = _after(text, sep, quote, is_inside=is_inside)
        if answer is None:
            return False
        is_inside, before = answer, text[-1:]
    return not is_inside


def _after(text: bytes, sep: bytes, quote: bytes, *, is_inside: bool) -> bool | None:
    """Whether a quoted field is open after ``text``, whose first byte was looked at before; None for a stray quote."""
    import numpy as np

    characters = np.frombuffer(text, np.uint8)
    places = np.flatnonzero(characters[1:] == ord(quote)) + 1
    if not places.size:
        return is_inside
    opening, closing = (places[1::2], places[0::2]) if is_inside else (places[0::2], places[1::2])
    padded = np.append(characters, np.uint8(ord("\n")))
    is_good = _is_edge(padded[opening - 1], sep, quote).all() and _is_edge(padded[closing + 1], sep, quote).all()
    return bool(is_inside ^ (places.size % 2 == 1)) if is_good else None


def _is_edge(characters: "Bytes", sep: bytes, quote: bytes) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Where a field begins or ends; beside another quote it is half of a doubled one."""
    import numpy as np

    marks = np.frombuffer(sep + quote + b"\r\n", np.uint8)
    return np.isin(characters, marks)

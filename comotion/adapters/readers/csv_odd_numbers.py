"""Numbers that begin with a zero and another digit, or are hexadecimal, found in raw CSV bytes.

Arrow reads ``007`` as 7 and ``0x1F`` as 31 without a word. Where no field of a text looks like that, Arrow may be asked
for numbers right away; where one does, in whatever column, fields are read as text first.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 64
"""A number that begins with a zero and is longer than this counts as odd, wherever it ends."""
PIECE = 1 << 17
"""How many bytes are compared at a time: what fits the cache of a core."""
_ZERO, _MINUS = ord("0"), ord("-")
_LAST_EARLY_END = ord(",")
"""Line ends, spaces, quotes and the comma are no greater; digits and letters are."""


def _table(characters: bytes) -> "NDArray[np.bool_]":
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


class OddNumbers:
    """Looks through a text chunk by chunk; a number may be cut by the end of one.

    Parameters
    ----------
    with_negatives : bool
        Whether to look for zeros after a minus as well; dates make that dearer.
    """

    def __init__(self, sep: bytes, quote: bytes, *, with_negatives: bool = True) -> None:
        ends = sep + quote + b"\r\n \t\x0b\f"
        self._ends = _table(ends)
        self._late_ends = [end for end in ends if end > _LAST_EARLY_END]
        self._second = _table(b"0123456789xX")
        self._numeric = _table(b"0123456789abcdefABCDEFxX.+-")
        self._with_negatives = with_negatives
        self._before = b"\n\n"

    def are_in(self, chunk: bytes) -> bool:
        """Whether one begins in ``chunk``, or began at the end of the chunk before."""
        seam = self._before + chunk[:LONGEST]
        self._before = (self._before + chunk)[-LONGEST - 2 :] if len(chunk) < LONGEST + 2 else chunk[-LONGEST - 2 :]
        return self._found(np.frombuffer(seam, np.uint8)) or self._found(np.frombuffer(chunk, np.uint8))

    def _found(self, text: "NDArray[np.uint8]") -> bool:
        """Whether one begins, and ends or grows too long, within ``text``."""
        if len(text) < 4:
            return False
        found = [self._zeros_first(text[start : start + PIECE + 2]) + start for start in range(0, len(text), PIECE)]
        if self._with_negatives:
            found.append(self._zeros_after_minus(text))
        at = np.concatenate(found)
        at = at[self._second[text[at + 1]]]
        return self._is_number(text, at)

    def _zeros_first(self, text: "NDArray[np.uint8]") -> "NDArray[np.intp]":
        """Where a zero begins a field: a few comparisons of all bytes spare a closer look at most."""
        before = text[:-2]
        begins = before <= _LAST_EARLY_END
        for end in self._late_ends:
            begins |= before == end
        begins &= text[1:-1] == _ZERO
        begins &= text[2:] >= _ZERO
        at = np.flatnonzero(begins) + 1
        return at[self._ends[text[at - 1]]]

    def _zeros_after_minus(self, text: "NDArray[np.uint8]") -> "NDArray[np.intp]":
        at = np.flatnonzero((text[1:-2] == _MINUS) & (text[2:-1] == _ZERO)) + 2
        return at[self._ends[text[at - 2]]]

    def _is_number(self, text: "NDArray[np.uint8]", at: "NDArray[np.intp]") -> bool:
        """Whether one of the fields that begin there goes on as a number to its end."""
        for step in range(2, LONGEST):
            at = at[at + step < len(text)]  # what goes on beyond the end is met again with the next chunk
            if not at.size:
                return False
            character = text[at + step]
            if self._ends[character].any():
                return True
            at = at[self._numeric[character]]
        return bool(at.size)

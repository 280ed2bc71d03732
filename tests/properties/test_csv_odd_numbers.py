"""A field that begins with a zero and another digit is seen, wherever the text is cut into chunks."""

import re

from hypothesis import given
from hypothesis import strategies as st

from comotion.adapters.readers.csv_odd_numbers import OddNumbers

ODD = re.compile(r"-?0[0-9xX][0-9a-fA-FxX.+-]*")
FIELDS = st.sampled_from(
    [
        "007", "-08", "0x1F", "0", "0.5", "-0.5", "10", "2024-01-02", "08:30", "01/02/2024", "a07", "", "x", "00",
        "0e5", "é0",
    ]
)  # fmt: skip
SEPARATORS = st.sampled_from([",", ";", "\t", "|"])


@given(st.lists(st.lists(FIELDS, min_size=1, max_size=3), max_size=6), SEPARATORS, st.integers(1, 200), st.booleans())
def test_an_odd_number_is_seen_however_the_text_is_cut(rows, sep, size, quoted):
    mark = '"' if quoted else ""
    text = "".join(sep.join(f"{mark}{one}{mark}" for one in row) + "\n" for row in rows).encode()
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    watch = OddNumbers(sep.encode(), b'"')
    found = [watch.are_in(chunk) for chunk in chunks]
    assert any(found) == any(ODD.fullmatch(one) is not None for row in rows for one in row)

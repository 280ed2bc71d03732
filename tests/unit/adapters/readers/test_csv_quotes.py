"""A text whose quotes all stand where they belong is told from one that has to be looked at record by record."""

import csv
import io
import random

import pytest

from comotion.adapters.readers.csv_quotes import are_well_quoted


class Trickling(io.BytesIO):
    """Gives so many bytes a read, wherever that cuts."""

    def __init__(self, data, step):
        super().__init__(data)
        self.step = step

    def read(self, size=-1):
        return super().read(min(self.step, size) if size >= 0 else self.step)


def judged(text, *, step=1 << 20, sep=b","):
    return are_well_quoted(Trickling(text.encode(), step), sep=sep, quote=b'"')


GOOD = [
    "",
    "a,b\n1,2\n",
    '"a","b"\n"1\n2","3"\n',
    '"a ""b"" c",""\n',
    '"",""\r\n"x\r\ny",1\r\n',
    '1,"last"',
    '"""a"""\n',
    '"a\n\n\n"\n',
]
BAD = [
    'a,"b\nc,d\n',
    'a,"b\nc,"d"\n',
    'a,5" pipe\n',
    '"a"b,1\n',
    'a, "b"\n',
    '"a""\n1,2\n',
    '"',
    'a\n"',
]


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize("text", GOOD)
def test_quotes_where_they_belong(text, step):
    assert judged(text, step=step)


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize("text", BAD)
def test_quotes_out_of_place(text, step):
    assert not judged(text, step=step)


@pytest.mark.parametrize("seed", range(30))
def test_whatever_the_csv_module_writes_is_well_quoted(seed):
    chance = random.Random(seed)
    sink = io.StringIO()
    writer = csv.writer(sink, quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), lineterminator="\n")
    for _ in range(20):
        writer.writerow(["".join(chance.choices('ab",\n\r ', k=chance.randrange(6))) for _ in range(3)])
    assert judged(sink.getvalue(), step=chance.randrange(1, 50))

"""A sheet is what pandas.read_excel says of it, and nothing it says gets lost on the way."""

import datetime as dt
import io
import zipfile

import pandas as pd
import pyarrow as pa
import pytest

from comotion.adapters.readers.excel import open_excel
from comotion.adapters.readers.streams import raw_of
from comotion.domain.errors import DataError, DataWarning, ExtraMissing, InvalidArgument, LossyValue, UnreadableSource
from comotion.ports.tables import SourceSpec

pytest.importorskip("python_calamine")
openpyxl = pytest.importorskip("openpyxl")

HEADER = ["id", "name", "paid", "on", "yes"]
ROWS = [[1, "x", 1.5, dt.datetime(2020, 1, 2), True], [2, None, None, dt.datetime(2021, 1, 2, 3), False]]


@pytest.fixture
def book(tmp_path):
    def write(*rows, sheet="Sheet", far=None):
        workbook = openpyxl.Workbook()
        workbook.active.title = sheet
        for row in rows:
            workbook.active.append(row)
        if far:
            workbook.active[far] = "x"
        place = tmp_path / "book.xlsx"
        workbook.save(place)
        return place

    return write


def opened(data, **options):
    return open_excel(SourceSpec(data=data, name="book", options=options), raw_of(data, name="book"))


def read(data, **options):
    return pa.Table.from_batches(list(opened(data, **options).batches()))


def test_numbers_texts_dates_and_booleans_have_the_types_of_pandas(book):
    source = opened(book(HEADER, *ROWS))
    assert source.schema().described() == {
        "id": "int64",
        "name": "string",
        "paid": "double",
        "on": "timestamp[us]",
        "yes": "boolean",
    }
    assert read(book(HEADER, *ROWS)).to_pylist() == [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def test_a_stream_is_read_from_where_it_stands(book):
    stream = io.BytesIO(b"before" + book(HEADER, *ROWS).read_bytes())
    stream.seek(6)
    assert read(stream).num_rows == 2


def test_pandas_arguments_mean_what_they_mean_in_pandas(book):
    place = book(["a report"], [], HEADER, *ROWS, sheet="inforce_book")
    options = {"sheet_name": "inforce_book", "skiprows": 2, "usecols": ["id", "name"], "dtype": {"id": "str"}}
    expected = pd.read_excel(place, engine="calamine", **options).astype(object)
    assert read(place, **options).to_pylist() == expected.where(expected.notna(), None).to_dict("records")


def test_leading_zeros_that_pandas_drops_are_a_warning_and_a_note(book):
    with pytest.warns(DataWarning, match="'code'.*2 values.*dtype"):
        source = opened(book(["code"], ["007"], ["008"], ["9"]))
    assert source.notes()
    assert source.schema().described() == {"code": "int64"}


def test_leading_zeros_are_kept_where_text_was_asked_for(book):
    assert read(book(["code"], ["007"]), dtype={"code": "str"}).to_pylist() == [{"code": "007"}]


def test_digits_that_a_double_cannot_hold_are_an_error_with_column_and_row(book):
    with pytest.raises(LossyValue, match=r"'n', row 2 .*9007199254740993"):
        opened(book(["n", "m"], ["1", 1], ["9007199254740993", 1], [None, 1]))


def test_a_column_of_numbers_and_texts_is_an_error_with_the_dtype_to_pass(book):
    with pytest.raises(DataError, match=r"'a', row 2.*dtype=\{'a': 'str'\}"):
        opened(book(["a"], [1], ["x"])).schema()


@pytest.mark.parametrize("far", ["A1048576", "XFD2"])
def test_a_long_or_a_wide_sheet_is_read(book, far):
    assert opened(book(["a"], ["y"], far=far)).schema().columns


def test_a_stray_cell_in_the_far_corner_is_refused(book):
    with pytest.raises(UnreadableSource, match="row 1,048,576, column 16,384"):
        opened(book(["a"], [1], far="XFD1048576"))


def test_an_ods_row_repeated_a_million_times_over_all_columns_is_refused(tmp_path):
    place = tmp_path / "bomb.ods"
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>',
        )
    with pytest.raises(UnreadableSource, match="too large"):
        opened(place)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"sheet_name": "nope"}, UnreadableSource),
        ({"sheet_name": -1}, InvalidArgument),
        ({"engine": "pyxlsb"}, ExtraMissing),
        ({"sheet_name": None}, InvalidArgument),
        ({"sheet_name": ["a", "b"]}, InvalidArgument),
        ({"nope": 1}, InvalidArgument),
        ({"usecols": ["nope"]}, UnreadableSource),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_an_error(book, options, error):
    with pytest.raises(error):
        opened(book(HEADER, *ROWS), **options)


def test_an_empty_sheet_is_no_table(book):
    with pytest.raises(UnreadableSource, match="empty"):
        opened(book())


def test_the_remedy_for_a_column_that_is_named_by_a_number_helps(book):
    data = book([2024], [1], ["x"])
    with pytest.raises(DataError, match=r"pass dtype=\{2024: 'str'\}"):
        read(data)
    assert read(data, dtype={2024: "str"}).to_pydict() == {"2024": ["1", "x"]}


def test_a_sheet_with_a_header_only_has_no_rows(book):
    source = opened(book(HEADER))
    assert source.schema().names == tuple(HEADER)
    assert sum(batch.num_rows for batch in source.batches()) == 0


def test_a_damaged_workbook_is_an_error(book):
    whole = book(HEADER, *ROWS).read_bytes()
    with pytest.raises(UnreadableSource):
        opened(io.BytesIO(whole[: len(whole) // 2]))

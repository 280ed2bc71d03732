import io
import warnings
import zipfile

import pytest

from comotion.domain.errors import DataWarning, InvalidArgument, UnreadableSource
from tests.unit.adapters.readers.reading import opened, read_all, table_of


def test_a_short_row_is_padded_with_nulls_and_counted():
    source = opened(b"a,b,c\n1,2,3\n4\n5,6\n7,8,9\n")
    with pytest.warns(DataWarning, match="2 rows shorter than the header"):
        rows = read_all(source).to_pylist()
    assert [tuple(row.values()) for row in rows] == [(1, 2, 3), (4, None, None), (5, 6, None), (7, 8, 9)]
    assert source.notes() == ("2 rows shorter than the header: padded with NULLs",)


@pytest.mark.filterwarnings("ignore::comotion.domain.errors.DataWarning")
@pytest.mark.parametrize(
    ("data", "options"),
    [
        (b"a,b,c\n1,2,3\n#4\n5\n6,7,\n8,9#,10\n", {"comment": "#"}),
        (b"x\na,b,c\n1,2,3\n5\n6,7,\n8,9\n", {"skiprows": [0]}),
        (b"x\na,b,c\n1,2,3\n5\n6,7,\n8,9\n", {"skiprows": lambda line: line == 0}),
        (b"x\na,b,c\n1,2,3\n5\n6,7,\n8,9\n", {"skiprows": 1, "quoting": 3}),
        (b"1,2,3\n5\n6,7,\n8,9\n", {"header": None, "quoting": 3}),
        (b"1,2,3\n5\n6,7,\n8,9\n", {"names": ["a", "b", "c"], "escapechar": "\\"}),
        (b"a,b,c\n1,2,3\n5\n6,7,\n1,2,3,4\n8,9\n", {"on_bad_lines": "skip"}),
        (b"a,b,c\n1,2,3\n5\n\n6,7,\n8,9\n", {"skip_blank_lines": False}),
        (b"a  b  c\n1  2  3\n5\n8   9\n", {"sep": r"\s+"}),
        (b"a,b,c\n1,2,3\n5\n6,7,\n8,9\n", {"engine": "python"}),
        (b"a,b,c\n1,2,3\n5\n6,7,\n8,9\nend\n", {"skipfooter": 1}),
        (b"a,b,c,d\n1,2,3\n5\n6,7,\n8,9\n", {"comment": "#", "usecols": ["c", "a"]}),
        (b'"a","b\nb","c"\r\n"1","2\n2","3"\r\n"5"\r\n"8","9\n"\r\n', {"comment": "#"}),
        (b"a,b,c\n" + b"1,2,3\n" * 30_000 + b"5\n" + b"6,7,\n" * 30_000 + b"8,9\n", {"comment": "#"}),
    ],
)
def test_short_rows_are_counted_where_pandas_cuts_too(data, options):
    with pytest.warns(DataWarning, match="2 rows shorter than the header"):
        table_of(data, **options)


@pytest.mark.parametrize("options", [{"comment": "#"}, {"engine": "python"}, {"skip_blank_lines": False}], ids=str)
def test_rows_that_end_in_an_empty_field_are_not_short(options):
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        table_of(b"a,b,c\n1,2,\n3,,\n", **options)


def test_short_rows_stay_where_they_were_in_a_long_file():
    lines = [f"{n},{n}" if n % 3 else f"{n}" for n in range(300_000)]
    table = table_of(("a,b\n" + "\n".join(lines)).encode())
    assert table["a"].to_pylist() == list(range(300_000))
    assert table["b"].null_count == 100_000


@pytest.mark.parametrize("data", [b"a,b\n1,2\n3,4,5\n", b"a,b\n1,2,3\n4,5,6\n", b"a,b\n1,2,\n"])
def test_a_row_longer_than_the_header_is_refused_also_where_pandas_makes_an_index(data):
    with pytest.raises(UnreadableSource, match=r"file\.csv, line [23]: 3 fields where there are 2 columns"):
        table_of(data)


@pytest.mark.parametrize(
    "options",
    [{"usecols": ["a"], "comment": "#"}, {"usecols": lambda name: name != "b", "quoting": 3}],
)
def test_a_longer_row_is_refused_also_where_pandas_cuts_and_its_field_is_not_wanted(options):
    with pytest.raises(UnreadableSource, match=r"Expected 2 fields in line 3, saw 3"):
        table_of(b"a,b\n1,2\n3,4,5\n", **options)
    with pytest.raises(UnreadableSource, match=r"file\.csv has rows with more fields"):
        table_of(b"a,b\n1,2,3\n4,5,6\n", **options)


def test_longer_rows_are_left_out_where_that_was_asked_for():
    table = table_of(b"a,b\n1,2\n3,4,5\n6,7\n", on_bad_lines="skip")
    assert table.to_pydict() == {"a": [1, 6], "b": [2, 7]}


@pytest.mark.parametrize("options", [{}, {"dtype": "str"}, {"thousands": ","}], ids=str)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "marked"])
def test_a_byte_order_mark_that_begins_the_first_value_is_part_of_it(mark, options):
    table = table_of((mark + "a,b\n\ufeffx,y\n").encode(), **options)
    assert table.to_pydict() == {"a": ["\ufeffx"], "b": ["y"]}
    assert table_of((mark + "a\n\ufeff").encode(), **options).to_pydict() == {"a": ["\ufeff"]}


def test_a_quote_that_is_never_closed_is_an_error_of_the_parser_in_python_too():
    with pytest.raises(UnreadableSource, match=r"file\.csv cannot be read: unexpected end of data"):
        table_of(b'a,b\n1,"2', engine="python")


def test_a_long_row_far_into_the_file_has_its_line():
    data = b"a,b\n" + b'1,"x\ny"\n' * 100_000 + b"1,2,3\n"
    with pytest.raises(UnreadableSource, match="line 200002: 3 fields"):
        table_of(data)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b'a,b\n1,"x\n2,y\n', "line 2, column 2"),
        (b'a,b\n1,2\n3,"', "line 3, column 2"),
        (b'a,b\n1,"x\n2,"y"\n3,z\n', "line 2, column 2"),
        (b'a,b\n1,"' + b"2,x\n" * 500_000, "line 2, column 2"),
    ],
)
def test_a_quote_that_is_never_closed_is_found(data, where):
    with pytest.raises(UnreadableSource, match=where):
        table_of(data)


def test_a_header_with_an_open_quote_is_refused():
    with pytest.raises(UnreadableSource, match="never closed"):
        opened(b'a,"b\n1,2\n')


def test_line_ends_in_quotes_are_values():
    assert table_of(b'a,b\r\n1,"x\r\ny"\r\n2,"p\nq"\r\n')["b"].to_pylist() == ["x\r\ny", "p\nq"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_line_ends(end):
    assert table_of(end.join(["a,b", "1,2", "", "3,4"]).encode()).to_pylist() == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_a_quoted_empty_line_of_one_column_is_a_row_and_a_blank_line_is_none():
    assert table_of(b'a\n1\n\n""\n \n2\n')["a"].to_pylist() == [1, None, 2]


def test_a_field_larger_than_a_block_is_read():
    large = b"x" * 5_000_000
    assert table_of(b'a,b\n1,"' + large + b'"\n2,y\n')["b"].to_pylist() == [large.decode(), "y"]


def test_five_thousand_columns_are_read():
    names = [f"c{n}" for n in range(5000)]
    table = table_of("\n".join([",".join(names), ",".join(map(str, range(5000)))]).encode())
    assert table.num_columns == 5000
    assert table["c4999"].to_pylist() == [4999]


def test_nul_characters_in_values_are_kept():
    assert table_of(b"a,b\n1,x\x00y\n")["b"].to_pylist() == ["x\x00y"]


@pytest.mark.parametrize("data", [b"", b"\n \n\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_header_is_refused(data):
    with pytest.raises(UnreadableSource, match="empty"):
        opened(data)


@pytest.mark.parametrize("data", [b"a,b\n", b"a,b", b"a,b\n\n"])
def test_a_file_with_only_a_header_has_no_rows(data):
    table = table_of(data)
    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"a,b\n1,x\n2,caf\xe9\n", "line 3, column 2"),
        (b"a,b\n1,x\n\xff\n", "line 3, column 1"),
        (b"a,b\n" + b"1,x\n" * 400_000 + b"1,\xe9\n", "line 400002, column 2"),
    ],
)
def test_bytes_that_are_no_utf8_are_located(data, where):
    with pytest.raises(UnreadableSource, match=rf"file\.csv, {where}: byte 0x.*encoding="):
        table_of(data)


def test_a_header_that_is_no_utf8_is_located():
    with pytest.raises(UnreadableSource, match="line 1, column 2"):
        opened(b"a,\xe9\n1,2\n")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8-sig", "utf-32", "cp037"])
def test_any_encoding_of_python_is_read(encoding):
    data = "a,b\n1,café\n".encode(encoding)
    assert table_of(data, encoding=encoding)["b"].to_pylist() == ["café"]


def test_a_byte_that_the_encoding_does_not_have_is_located():
    with pytest.raises(UnreadableSource, match="line 3, column 2: byte 0xe9 is no ascii text"):
        table_of(b"a,b\n1,x\n2,\xe9\n", encoding="ascii")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_mark_of_another_encoding_says_what_to_pass(encoding):
    with pytest.raises(UnreadableSource, match=f"encoding='{encoding}'"):
        opened("a,b\n1,2\n".encode(encoding))


def test_utf16_without_a_mark_is_no_utf16():
    with pytest.raises(UnreadableSource, match=r"file\.csv is no utf-16 text"):
        opened(b"a,b\n1,2\n", encoding="utf-16")


@pytest.mark.parametrize(
    "options", [{"encoding": "base64"}, {"encoding": "rot13"}, {"encoding": "none"}, {"encoding_errors": "none"}]
)
@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b'[{"a": 1}]'])
def test_what_is_no_encoding_of_text_is_an_argument_that_cannot_be(data, options):
    with pytest.raises(InvalidArgument, match="encoding"):
        table_of(data, **options)


@pytest.mark.parametrize("sep", [";", "\t", "|"])
def test_another_separator_is_refused_with_the_remedy(sep):
    with pytest.raises(UnreadableSource) as refused:
        opened(f"a{sep}b\n1{sep}2,5\n".encode())
    assert f"pass sep={sep!r}" in str(refused.value)
    assert table_of(f"a{sep}b\n1{sep}2\n".encode(), sep=sep).to_pylist() == [{"a": 1, "b": 2}]


def test_a_comma_in_one_column_name_does_not_hide_another_separator():
    with pytest.raises(UnreadableSource, match="pass sep=';'"):
        opened(b"name;amount, EUR;date\nx;1,5;y\n")


def test_a_text_that_two_separators_cut_alike_is_refused_until_one_is_named():
    data = b"name, first;id\nx, y;1\n"
    with pytest.raises(UnreadableSource, match="pass sep=';'"):
        opened(data)
    assert table_of(data, sep=";").to_pylist() == [{"name,_first": "x, y", "id": 1}]
    assert table_of(data, sep=",").column_names == ["name", "_first;id"]


def test_prose_is_no_table(tmp_path):
    for name, text in (
        ("README.md", "# Title, and more\n\nSome words.\n"),
        ("README", "Words\n"),
        ("notes.rst", "Title\n=====\n"),
        ("page.csv", "<!DOCTYPE html>\n<html>,</html>\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(UnreadableSource, match="table"):
            opened(path, name=name)


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n", b"PARE\x15\x04", b"\x00\x00\x00\x01Bud1\x00", b"%PDF-1.7\n", b"a\x00\x01,b\n"]
)
def test_binary_files_are_no_tables(head):
    with pytest.raises(UnreadableSource):
        opened(head + b"\x00" * 100)


def test_one_column_is_taken_from_a_file_that_says_it_is_a_table(tmp_path):
    path = tmp_path / "ids.txt"
    path.write_text("id\n1\n2\n")
    assert table_of(path)["id"].to_pylist() == [1, 2]


def test_a_zip_file_with_several_members_names_them():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
        archive.writestr("b.csv", "a,b\n1,2\n")
    with pytest.raises(UnreadableSource, match=r"a\.csv, b\.csv"):
        opened(sink.getvalue())


def test_a_cut_off_archive_is_an_error_and_never_a_short_table():
    import gzip
    import random

    data = gzip.compress(b"a,b\n" + b"".join(b"%d,x\n" % random.getrandbits(60) for _ in range(200_000)))
    source = opened(data[: len(data) // 2])
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        read_all(source)


@pytest.mark.parametrize("name", ["nrows", "chunksize", "filepath_or_buffer", "path", "path_or_buf", "io", "sepp"])
def test_arguments_that_cannot_be_passed_on_are_named(name):
    with pytest.raises(InvalidArgument, match=f"{name}="):
        opened(b"a,b\n1,2\n", **({name: 1}))

"""Parts are cut where they should be, can be read while they grow, and end with the first thing that goes wrong."""

import io
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comotion.adapters.parquet_codec import ParquetEncoder
from comotion.adapters.parquet_codec.row_groups import expected_distinct
from comotion.adapters.parquet_codec.spool import Spool
from comotion.adapters.readers.types import conform, schema_from_arrow, schema_to_arrow
from comotion.domain.chunking import ROW_GROUP_ROWS, Cut
from comotion.domain.errors import LossyValue, UnreadableSource, UploadFailed
from comotion.domain.schema import Column, Float, Int, Schema


def encoder(compression="snappy"):
    return ParquetEncoder(to_arrow=schema_to_arrow, conform=conform, compression=compression)


def batches(table, rows):
    return table.to_batches(max_chunksize=rows)


def encoded(table, *, cut=None, batch_rows=1000, compression="snappy"):
    schema = schema_from_arrow(table.schema)
    cut = cut or Cut()
    return list(encoder(compression).parts(batches(table, batch_rows), schema=schema, cut=cut, source="t.csv"))


def file_of(part):
    return pq.ParquetFile(io.BytesIO(b"".join(part.body.chunks(1 << 16))))


def numbers(rows):
    return pa.table({"a": range(rows), "b": [f"text {n}" for n in range(rows)]})


@pytest.mark.parametrize(("rows", "expected"), [(10, [4, 4, 2]), (8, [4, 4]), (1, [1]), (0, [0])])
@pytest.mark.parametrize("batch_rows", [1, 3, 4, 100])
def test_a_part_holds_exactly_so_many_rows(rows, expected, batch_rows):
    parts = encoded(numbers(rows), cut=Cut(rows=4), batch_rows=batch_rows)
    assert [part.rows() for part in parts] == expected
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    read = pa.concat_tables([file_of(part).read() for part in parts])
    assert read.to_pylist() == numbers(rows).to_pylist()


def test_parts_are_cut_by_their_bytes():
    rows = 4 * ROW_GROUP_ROWS
    parts = encoded(numbers(rows), cut=Cut(size_bytes=1_000_000), batch_rows=50_000)
    assert len(parts) > 1
    assert sum(part.rows() for part in parts) == rows
    assert all(part.body.size_bytes() >= 1_000_000 for part in parts[:-1])


def test_row_groups_have_128_ki_rows():
    [part] = encoded(numbers(ROW_GROUP_ROWS + 10), batch_rows=7_000)
    metadata = file_of(part).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [ROW_GROUP_ROWS, 10]


def test_wide_rows_make_shorter_row_groups():
    wide = pa.table({"a": ["x" * 10_000] * 20_000})
    [part] = encoded(wide)
    assert file_of(part).metadata.num_row_groups > 1


def test_only_columns_with_repeated_values_have_a_dictionary():
    table = pa.table({"same": ["x", "y"] * 5000, "other": [f"{n}" for n in range(10_000)], "l": [[1]] * 10_000})
    group = file_of(encoded(table)[0]).metadata.row_group(0)
    with_dictionary = [group.column(i).path_in_schema for i in range(3) if group.column(i).has_dictionary_page]
    assert with_dictionary == ["same"]


@pytest.mark.parametrize(
    ("compression", "written"), [("snappy", "SNAPPY"), ("zstd", "ZSTD"), ("gzip", "GZIP"), ("none", "UNCOMPRESSED")]
)
def test_the_compression_is_the_one_asked_for(compression, written):
    [part] = encoded(numbers(10), compression=compression)
    assert file_of(part).metadata.row_group(0).column(0).compression == written


def test_a_narrower_batch_is_cast_to_the_schema_of_the_load():
    wanted = Schema((Column("b", Float(64)), Column("a", Int(64))))
    batch = pa.record_batch({"a": pa.array([1], pa.int32()), "b": pa.array([2], pa.int64())})
    [part] = encoder().parts([batch], schema=wanted, cut=Cut())
    table = file_of(part).read()
    assert (table.schema.names, table.to_pylist()) == (["b", "a"], [{"b": 2.0, "a": 1}])


def test_a_number_that_a_double_cannot_hold_names_source_and_column():
    wanted = Schema((Column("a", Float(64)),))
    batch = pa.record_batch({"a": [2**53 + 1]})
    with pytest.raises(LossyValue, match=r"t\.csv: column 'a'"):
        list(encoder().parts([batch], schema=wanted, cut=Cut(), source="t.csv"))


def test_an_empty_part_has_the_schema_and_no_rows():
    part = encoder().empty_part(Schema((Column("a", Int(64)),)))
    assert (part.rows(), file_of(part).read().schema) == (0, pa.schema({"a": pa.int64()}))


# ---- while it grows


def test_a_part_can_be_read_before_it_is_complete():
    uploading_began = threading.Event()
    rows = []

    def slowly():
        rows.append(ROW_GROUP_ROWS)
        yield from batches(numbers(ROW_GROUP_ROWS), ROW_GROUP_ROWS)
        while not uploading_began.wait(0.01) and len(rows) < 2000:
            rows.append(1)
            yield from batches(numbers(1), 1)

    parts = encoder().parts(slowly(), schema=schema_from_arrow(numbers(1).schema), cut=Cut())
    seen = []

    def upload(part):
        for piece in part.body.chunks(1000):
            uploading_began.set()
            seen.append(piece)

    first = next(parts)
    uploading = threading.Thread(target=upload, args=(first,))
    uploading.start()
    assert list(parts) == []
    uploading.join(20)
    assert len(rows) < 2000
    assert pq.read_table(io.BytesIO(b"".join(seen))).num_rows == sum(rows)
    assert {len(piece) for piece in seen[:-1]} == {1000}


def test_a_body_can_be_read_again_from_the_start():
    [part] = encoded(numbers(10))
    assert list(part.body.chunks(50)) == list(part.body.chunks(50))


def test_a_part_that_was_discarded_cannot_be_read():
    [part] = encoded(numbers(10))
    part.discard()
    with pytest.raises(UploadFailed):
        next(part.body.chunks(10))


def test_a_reader_of_a_growing_body_is_stopped_when_the_part_is_discarded():
    spool = Spool()
    stopped = []

    def read():
        try:
            list(spool.chunks(10))
        except UploadFailed as error:
            stopped.append(error)

    reading = threading.Thread(target=read)
    reading.start()
    spool.discard()
    reading.join(20)
    assert len(stopped) == 1


# ---- what goes wrong


def test_an_error_of_the_reader_is_raised_in_the_body_and_by_the_encoder():
    ragged = UnreadableSource("line 7: ragged")

    def failing():
        yield from batches(numbers(2 * ROW_GROUP_ROWS), ROW_GROUP_ROWS)
        raise ragged

    begun = []
    parts = encoder().parts(failing(), schema=schema_from_arrow(numbers(1).schema), cut=Cut())
    with pytest.raises(UnreadableSource, match="line 7"):
        begun.extend(parts)
    for part in begun:
        with pytest.raises(UnreadableSource, match="line 7"):
            part.rows()


def test_parts_that_were_complete_before_an_error_can_still_be_read():
    def failing():
        yield from batches(numbers(100), 2)
        raise UnreadableSource("ragged")

    parts = encoder().parts(failing(), schema=schema_from_arrow(numbers(1).schema), cut=Cut(rows=2))
    begun = []
    with pytest.raises(UnreadableSource):
        begun.extend(parts)
    assert len(begun) > 10
    assert all(file_of(part).read().num_rows == 2 for part in begun[:-1])  # the last may have been under way


def test_the_writer_thread_ends_with_whatever_ends_the_reading():
    before = threading.active_count()

    def interrupted():
        yield from batches(numbers(4), 1)
        raise KeyboardInterrupt

    schema = schema_from_arrow(numbers(1).schema)
    with pytest.raises(KeyboardInterrupt):
        list(encoder().parts(interrupted(), schema=schema, cut=Cut()))
    abandoned = encoder().parts(iter(batches(numbers(9), 1)), schema=schema, cut=Cut(rows=1))
    next(abandoned)
    abandoned.close()
    assert threading.active_count() == before


def test_an_error_of_the_writer_is_raised_while_reading_goes_on():
    wanted = Schema((Column("a", Float(64)),))
    read = []

    def endless():
        for number in range(10_000):
            read.append(number)
            yield pa.record_batch({"a": [2**53 + 1]})

    with pytest.raises(LossyValue):
        list(encoder().parts(endless(), schema=wanted, cut=Cut()))
    assert len(read) < 100


@pytest.mark.parametrize("kinds", [1, 40, 3_000, 22_000, 100_000])
def test_the_number_of_distinct_values_is_told_from_the_first_rows(kinds):
    drawn = pa.array(np.random.default_rng(kinds).integers(0, kinds, 131_072))
    seen, all_of_them = (len(drawn.slice(0, rows).unique()) for rows in (20_000, 131_072))
    assert expected_distinct(seen, looked_at=20_000, rows=131_072) == pytest.approx(all_of_them, rel=0.05)


def test_rows_that_are_all_different_are_expected_to_go_on_so():
    assert expected_distinct(20_000, looked_at=20_000, rows=131_072) == 131_072


def test_a_column_of_nulls_alone_is_written():
    [part] = encoded(pa.table({"a": pa.nulls(3, pa.string())}))
    assert file_of(part).read().column("a").null_count == 3


def test_numbers_have_statistics_and_texts_have_none():
    group = file_of(encoded(numbers(10))[0]).metadata.row_group(0)
    assert [group.column(i).is_stats_set for i in range(2)] == [True, False]


def test_a_disk_that_is_full_says_where_to_make_room():
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no file that is always full")
    with full.open("wb", buffering=0) as file, pytest.raises(UploadFailed, match=r"No space left.*TMPDIR"):
        Spool(file).write(b"x")


def test_a_folder_for_temporary_files_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(UploadFailed, match=r"gone.*TMPDIR"):
        encoded(pa.table({"a": [1]}))

"""A CSV text cut into fields by pandas, every field as text: for dialects that Arrow does not cut alike."""

import csv
import warnings
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from comotion.adapters.readers.csv_head import Head, chosen_columns
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.adapters.readers.csv_rows import NeedsText
from comotion.adapters.readers.csv_short_rows_by_pandas import count_short_rows
from comotion.adapters.readers.csv_text import find_bad_text
from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import InvalidArgument, UnreadableSource

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ROWS_PER_CHUNK = 20_000
_FIELDS_LEFT_OUT = "Length of header"
"""How pandas begins to say that rows are longer than the header."""


def read_head_by_pandas(raw: Raw, plan: CsvPlan) -> Head:
    """The columns as pandas names them. Raises UnreadableSource, InvalidArgument."""
    options = plan.cut_options()
    names = tuple(_read(raw, plan, options, nrows=0).columns)
    chosen = tuple(range(len(names))) if "usecols" in options else chosen_columns(names, plan, raw.name)
    return Head(names=names, chosen=chosen, data_at=0, data_line=1, sample=())


class PandasRows:
    """The rows of one source as batches of text, one column a position.

    Attributes
    ----------
    padded : int
        How many rows lacked fields that were asked for, once a pass has ended.
    """

    def __init__(self, raw: Raw, plan: CsvPlan, head: Head, *, nulls: tuple[str, ...]) -> None:
        self._raw = raw
        self._plan = plan
        self._head = head
        self._nulls = nulls
        self._may_be_short = False
        self.padded = 0

    def typed(
        self, types: "Mapping[int, pa.DataType]", *, with_negatives: bool
    ) -> "Generator[pa.RecordBatch, None, None]":
        """Not with pandas: it gives text only."""
        raise NeedsText
        yield

    def batches(self, first: int = 0) -> "Generator[pa.RecordBatch, None, None]":
        """Every row, from the ``first`` on. Raises UnreadableSource."""
        done = 0
        for batch in self._batches():
            if done + len(batch) > first:
                yield batch.slice(max(first - done, 0))
            done += len(batch)

    def _batches(self) -> "Iterator[pa.RecordBatch]":
        import pandas as pd

        # index_col=False: else pandas makes an index of what is more than the header has. It does not go with a header
        # of several lines, which the head knows already.
        options = self._plan.cut_options() | {"index_col": False}
        header = options.get("header")
        if isinstance(header, list | tuple):
            options |= {"header": header[-1], "names": range(len(self._head.names))}
        self.padded, self._may_be_short = 0, False
        frames = _read(self._raw, self._plan, options, chunksize=ROWS_PER_CHUNK)
        if isinstance(frames, pd.DataFrame):
            yield self._batch(frames)
        else:
            with frames:
                while (frame := self._next(frames)) is not None:
                    yield self._batch(frame)
        if self._may_be_short and getattr(frames, "engine", "python") == "c":
            self.padded += self._count_short_rows()

    def _next(self, frames: "Iterator[pd.DataFrame]") -> "pd.DataFrame | None":
        with _explained(self._raw, self._plan):
            return next(frames, None)

    def _batch(self, frame: "pd.DataFrame") -> "pa.RecordBatch":
        import pyarrow as pa
        import pyarrow.compute as pc

        self._look_for_short_rows(frame)
        nulls = pa.array(self._nulls, pa.string())
        arrays = []
        for position in self._head.chosen:
            texts = pa.array(frame.iloc[:, position], pa.string(), from_pandas=True)
            if isinstance(texts, pa.ChunkedArray):  # of a wide text, pandas cuts fewer rows at a time
                texts = texts.combine_chunks()
            if self._nulls:
                texts = pc.if_else(pc.is_in(texts, value_set=nulls), None, texts)
            arrays.append(texts)
        return pa.RecordBatch.from_arrays(arrays, names=[str(position) for position in self._head.chosen])

    def _look_for_short_rows(self, frame: "pd.DataFrame") -> None:
        """Python's parser leaves out what a short row lacks; that in C gives empty fields, as if they stood there."""
        last = frame.iloc[:, max(self._head.chosen)]
        self.padded += int(last.isna().sum())
        self._may_be_short = self._may_be_short or bool((last == "").any())

    def _count_short_rows(self) -> int:
        options, fields = self._plan.cut_options(), max(self._head.chosen) + 1
        if "usecols" in options:
            return 0  # nobody but pandas knows where in the file these columns are
        with _explained(self._raw, self._plan):
            return count_short_rows(self._raw.open(), options, fields=fields, read=_read_text)

    def where(self, row: int) -> str:
        """``"{source}, row N"`` of the ``row``-th row, counted from 0."""
        return f"{self._raw.name}, row {row + 1}"


def _read(raw: Raw, plan: CsvPlan, options: Mapping[str, object], **how_much: int) -> "pd.DataFrame":
    if options.get("skipfooter"):
        how_much.pop("chunksize", None)  # pandas finds the foot only in a whole file
    with _explained(raw, plan):
        return _read_text(raw.open(), **options, **how_much)


def _read_text(text: BinaryIO, **options: object) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_csv(text, **options, dtype=str, na_filter=False, encoding="utf-8")  # type: ignore[call-overload, no-any-return]


class _explained:  # noqa: N801 - reads as a verb where it is used
    """Turns what pandas raises into this library's errors, and its warning of fields it leaves out."""

    def __init__(self, raw: Raw, plan: CsvPlan) -> None:
        self._raw = raw
        self._plan = plan

    def __enter__(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.filterwarnings("ignore", "Falling back", category=_parser_warning())
        warnings.filterwarnings("error", _FIELDS_LEFT_OUT, category=_parser_warning())

    def __exit__(self, kind: object, wrong: BaseException | None, _: object) -> None:
        self._warnings.__exit__(None, None, None)
        if wrong is not None:
            self._explain(wrong)

    def _explain(self, wrong: BaseException) -> None:
        import pandas as pd

        if isinstance(wrong, UnicodeDecodeError):
            find_bad_text(self._raw, self._plan)
        if isinstance(wrong, pd.errors.EmptyDataError):
            self._refuse("is empty: there is no header and no row in it")
        if isinstance(wrong, pd.errors.ParserWarning):
            self._refuse(
                "has rows with more fields than there are columns; quote the values that hold the separator, or pass "
                "the sep= that the file is written with"
            )
        if isinstance(wrong, pd.errors.ParserError | UnicodeError | csv.Error):
            self._refuse(f"cannot be read: {str(wrong).strip()}")
        if isinstance(wrong, ValueError | TypeError | IndexError) and type(wrong).__module__ == "builtins":
            raise InvalidArgument(f"{self._raw.name}: {wrong}") from None

    def _refuse(self, why: str) -> NoReturn:
        raise UnreadableSource(f"{self._raw.name} {why}") from None


def _parser_warning() -> type[Warning]:
    import pandas as pd

    return pd.errors.ParserWarning

"""Answers that a test prepares for queries, looked at before the lake is."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import define, field

from comotion.adapters.fake_dash import given_tables

if TYPE_CHECKING:
    import pyarrow as pa


@define
class Answers:
    """Prepared answers. The later of two answers to one query counts."""

    _prepared: list[tuple[Callable[[str], bool], "pa.Table | str"]] = field(factory=list)

    def add(self, sql: "str | re.Pattern[str]", answer: object) -> None:
        """Prepare an answer.

        Parameters
        ----------
        sql : str or compiled pattern
            The query, compared without regard to white space and a closing semicolon; or what must be found in it.
        answer : pyarrow.Table, list of dicts, dict of columns, or Exception
            The result, or what the query fails with.
        """
        if isinstance(sql, str):
            wanted = _plain(sql)
            self._prepared.append((lambda text: _plain(text) == wanted, _as_answer(answer)))
        else:
            self._prepared.append((lambda text: sql.search(text) is not None, _as_answer(answer)))

    def fork(self) -> "Answers":
        return Answers(list(self._prepared))

    def find(self, sql: str) -> "pa.Table | str | None":
        """The prepared result, the prepared failure, or None."""
        return next((answer for fits, answer in reversed(self._prepared) if fits(sql)), None)

    def clear(self) -> None:
        self._prepared.clear()


def _plain(sql: str) -> str:
    return " ".join(sql.split()).rstrip("; ")


def _as_answer(answer: object) -> "pa.Table | str":
    import pyarrow as pa

    if isinstance(answer, Exception):
        return str(answer)
    if isinstance(answer, pa.Table):
        return answer
    if isinstance(answer, Mapping):
        return given_tables.of_columns(answer, what="a prepared answer")
    if isinstance(answer, Sequence) and all(isinstance(row, Mapping) for row in answer):
        return given_tables.of_rows(answer, what="a prepared answer")
    raise TypeError(f"a prepared answer is a table, rows, columns or an exception, not {answer!r}")

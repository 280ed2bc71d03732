"""The fake Dash's lake: Trino SQL over DuckDB. True where it answers, loud where it does not know.

The heavy modules are imported when a name of theirs is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin, SqlNotSupported, SqlRefused

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.checks import CheckValue
    from comotion.adapters.fake_dash.lake.lake import Lake

__all__ = ["CheckValue", "Lake", "PartsDoNotJoin", "SqlNotSupported", "SqlRefused", "statement_type"]


def statement_type(text: str) -> str:
    """How Athena counts a statement: DML, DDL or UTILITY."""
    from comotion.adapters.fake_dash.lake.sql.statements import statement_type as of

    return of(text)


def __getattr__(name: str) -> object:
    if name == "Lake":
        from comotion.adapters.fake_dash.lake.lake import Lake

        return Lake
    if name == "CheckValue":
        from comotion.adapters.fake_dash.lake.checks import CheckValue

        return CheckValue
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

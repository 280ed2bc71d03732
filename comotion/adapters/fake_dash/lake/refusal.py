"""The two ways in which the lake does not answer: Trino would refuse too, or this fake does not know how."""

from __future__ import annotations

from comotion.domain.errors import ComotionError, SchemaConflict


class SqlRefused(ComotionError):
    """The statement is refused as the service refuses it; the text is worded as the service words it.

    Parameters
    ----------
    message : str
        What Athena's StateChangeReason would say, such as ``line 1:8: Column 'x' cannot be resolved``.
    kind : str
        Trino's error name, such as ``COLUMN_NOT_FOUND`` or ``DIVISION_BY_ZERO``.
    """

    def __init__(self, message: str, *, kind: str = "GENERIC_USER_ERROR") -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind


class SqlNotSupported(ComotionError):
    """Trino would answer, this fake cannot: it says so instead of guessing.

    Parameters
    ----------
    feature : str
        The function or clause, such as ``ST_Point`` or ``MATCH_RECOGNIZE``.
    """

    def __init__(self, feature: str) -> None:
        super().__init__(f"not supported by this fake: {feature}")
        self.feature = feature


class PartsDoNotJoin(SchemaConflict):
    """Two files of one load, or a load and its table, hold types for one column that no type can hold together."""

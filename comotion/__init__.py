"""Comotion Dash from Python: load tables into the lake, query them, test against an in-memory Dash.

Everything here is imported on first use, so that ``import comotion`` costs next to nothing.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from comotion._version import __version__

if TYPE_CHECKING:
    from comotion.auth import Auth as Auth
    from comotion.composition import connect as connect

logging.getLogger(__name__).addHandler(logging.NullHandler())  # who listens is the program's decision

_LAZY = {"Auth": "comotion.auth", "connect": "comotion.composition"}

__all__ = ["Auth", "__version__", "connect"]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])

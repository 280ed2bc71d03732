"""What tests of other people's pipelines import: a world to test against, and a clock that they move."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.clock import FakeClock as FakeClock
    from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported as SqlNotSupported
    from comotion.adapters.fake_dash.lake.refusal import SqlRefused as SqlRefused
    from comotion.adapters.fake_dash.progress import Pace as Pace
    from comotion.testing.fake import FakeDash as FakeDash

_LAZY = {
    "FakeClock": "comotion.adapters.fake_dash.clock",
    "FakeDash": "comotion.testing.fake",
    "Pace": "comotion.adapters.fake_dash.progress",
    "SqlNotSupported": "comotion.adapters.fake_dash.lake.refusal",
    "SqlRefused": "comotion.adapters.fake_dash.lake.refusal",
}

__all__ = ["FakeClock", "FakeDash", "Pace", "SqlNotSupported", "SqlRefused"]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])

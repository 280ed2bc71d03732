"""A warning stands at the line of the user's that it is about, however deep in the library it was noticed."""

import sys
import warnings

_PACKAGE = __name__.partition(".")[0]


def warn(message: str, category: type[Warning]) -> None:
    """``warnings.warn``, pointing at the innermost frame that is not of this library."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _is_ours(str(frame.f_globals.get("__name__", _PACKAGE))):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == _PACKAGE

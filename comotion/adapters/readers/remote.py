"""Files behind a URL, through fsspec where that is installed: ``s3://``, ``gs://``, ``https://``, ``memory://``."""

from collections.abc import Mapping
from typing import BinaryIO, cast

from comotion.domain.errors import ExtraMissing, UnreadableSource


def is_url(data: object) -> bool:
    """Whether ``data`` is a URL and no path of this machine."""
    return isinstance(data, str) and "://" in data


def open_url(url: str, *, name: str, storage_options: Mapping[str, object] | None = None) -> BinaryIO:
    """The bytes behind ``url``, read once.

    Parameters
    ----------
    name : str
        What errors call it; a URL may be signed.
    storage_options : mapping, optional
        Arguments of the file system, as pandas has them.

    Raises
    ------
    ExtraMissing
        fsspec, or what it needs for this scheme, is not installed.
    FileNotFoundError
    UnreadableSource
        The file system refused.
    """
    try:
        import fsspec
    except ImportError:
        raise ExtraMissing(f"{name} is a URL: pip install fsspec, and what it needs for that scheme") from None
    try:
        return cast(BinaryIO, fsspec.open(url, "rb", **dict(storage_options or {})).open())
    except FileNotFoundError:
        raise FileNotFoundError(f"{name} does not exist") from None
    except ImportError as missing:
        raise ExtraMissing(f"{name}: fsspec needs a package for this scheme: {missing}") from None
    except Exception as wrong:  # noqa: BLE001 - each file system has errors of its own
        raise UnreadableSource(f"{name} cannot be opened: {type(wrong).__name__}") from None

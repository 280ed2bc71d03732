"""What a user asks to be uploaded, as requests of a load."""

from collections.abc import Mapping

from attrs import field, frozen

from comotion.application.consignment import Request, identity
from comotion.application.part_keys import ExactKey, GivenOrNumbered, NumberedKeys
from comotion.domain.chunking import DEFAULT_PART_BYTES, Cut
from comotion.domain.errors import InvalidArgument
from comotion.domain.names import FileKey, KeyStem
from comotion.ports.tables import Hook, SourceSpec

ONE_PART_BYTES = 2**63
"""A size that no part reaches."""


def is_path(data: object) -> bool:
    """Whether ``data`` names a file, folder, glob or URL."""
    return isinstance(data, str) or hasattr(data, "__fspath__")


def path_text(data: object) -> str:
    """A path as text."""
    text = data if isinstance(data, str) else data.__fspath__()  # type: ignore[attr-defined]
    return text if isinstance(text, str) else bytes(text).decode()


def source_name(data: object) -> str:
    """What errors and receipts call ``data``."""
    if is_path(data):
        return _without_secrets(path_text(data))
    named = getattr(data, "name", None)
    if isinstance(named, str) and hasattr(data, "read"):
        return named
    return "stream" if hasattr(data, "read") else type(data).__name__


def source_identity(data: object) -> str:
    """What tells ``data`` from other sources of a load: a path's name, else the object that it is."""
    return source_name(data) if is_path(data) else identity(data)


def _without_secrets(text: str) -> str:
    """A path as it is; a URL without its user and its query, which may be signed."""
    scheme, found, rest = text.partition("://")
    if not found:
        return text
    host, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def file_name(data: object) -> str:
    """The last part of a path, or of an open file's name. Raises InvalidArgument where there is none."""
    name = source_name(data) if is_path(data) or isinstance(getattr(data, "name", None), str) else ""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if not last:
        raise InvalidArgument("use_file_name_as_key needs a path or an open file that knows its name; pass file_key")
    return last


@frozen(kw_only=True)
class Manner:
    """How a load treats its sources.

    Attributes
    ----------
    hook : callable or None
        ``modify_lambda``.
    rows_per_part : int or None
        ``chunksize``.
    part_bytes : int
        Where a part is cut without it.
    """

    hook: Hook | None = field(default=None, repr=False)
    rows_per_part: int | None = None
    part_bytes: int = DEFAULT_PART_BYTES

    def numbered(
        self,
        data: object,
        stem: KeyStem,
        *,
        name: str | None = None,
        options: Mapping[str, object] | None = None,
    ) -> Request:
        """Parts ``{stem}_1``, ``{stem}_2``, …: a file, a stream, a query's result, a frame in several parts."""
        return Request(
            spec=self._spec(data, name=name, options=options, rows=self.rows_per_part),
            keys=NumberedKeys(stem),
            cut=self._cut(),
            can_be_opened_again=is_path(data) or callable(data),
        )

    def whole(self, data: object, key: FileKey, *, index: bool = False) -> Request:
        """One part under ``key``, whatever its size: a frame that is in memory as a whole anyway."""
        return Request(
            spec=self._spec(data, index=index),
            keys=ExactKey(key),
            cut=Cut(size_bytes=ONE_PART_BYTES),
        )

    def single(
        self, data: object, key: FileKey | None, *, stem: KeyStem, options: Mapping[str, object] | None = None
    ) -> Request:
        """One part under exactly ``key`` (the service's own where it is None), several under ``{stem}_{n}``."""
        return Request(
            spec=self._spec(data, options=options, rows=self.rows_per_part),
            keys=GivenOrNumbered(key=key, stem=stem),
            cut=self._cut(),
            can_be_opened_again=is_path(data),
        )

    def _cut(self) -> Cut:
        return Cut(rows=self.rows_per_part, size_bytes=self.part_bytes)

    def _spec(
        self,
        data: object,
        *,
        name: str | None = None,
        options: Mapping[str, object] | None = None,
        index: bool = False,
        rows: int | None = None,
    ) -> SourceSpec:
        return SourceSpec(
            data=data,
            name=source_name(data) if name is None else name,
            options=dict(options or {}),
            hook=self.hook,
            rows_per_frame=rows,
            index=index,
        )

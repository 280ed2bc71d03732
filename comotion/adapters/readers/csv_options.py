"""pandas' reading arguments, sorted by who can honour them: Arrow for the cut into fields, Arrow for the values.

An argument is Arrow's only where the result is provably what pandas would have given; all others go to pandas.
"""

import codecs
import inspect
from collections.abc import Mapping
from functools import cache

from attrs import field, frozen

from comotion.domain.errors import InvalidArgument

REFUSED = frozenset({"filepath_or_buffer", "chunksize", "iterator", "nrows", "path", "path_or_buf", "io"})
NA_STRINGS = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip

# What Arrow cuts as pandas does, and with which values of the argument.
_CUT_BY_ARROW = {
    "sep", "delimiter", "header", "names", "usecols", "skiprows", "encoding", "encoding_errors", "quotechar",
    "compression", "low_memory", "memory_map", "engine", "storage_options", "cache_dates", "index_col",
}  # fmt: skip
_CUT_AS_DEFAULT = {
    "skipinitialspace": (False,), "skip_blank_lines": (True,), "skipfooter": (0,),
    "lineterminator": (None,), "quoting": (0,), "doublequote": (True,), "escapechar": (None,),
    "comment": (None,), "dialect": (None,), "on_bad_lines": ("error",),
}  # fmt: skip
# Arguments that change values, not the cut; Arrow honours the ones below, pandas the rest.
VALUE_OPTIONS = {
    "dtype", "converters", "true_values", "false_values", "na_values", "keep_default_na", "na_filter",
    "parse_dates", "date_format", "dayfirst", "thousands", "decimal", "float_precision", "dtype_backend",
}  # fmt: skip
NULL_OPTIONS = frozenset({"na_values", "keep_default_na", "na_filter"})
_VALUES_BY_ARROW = {"dtype", "na_values", "keep_default_na", "na_filter", "dayfirst", "date_format"}
_VALUES_AS_DEFAULT = {
    "converters": (None,), "true_values": (None,), "false_values": (None,), "parse_dates": (None, False),
    "thousands": (None,), "decimal": (".",), "float_precision": (None, "round_trip"),
}  # fmt: skip


CUT_OPTIONS = ({*_CUT_AS_DEFAULT, *_CUT_BY_ARROW} - {"compression", "encoding", "encoding_errors", "index_col"}) - {
    "low_memory", "storage_options", "cache_dates", "memory_map",
}  # fmt: skip
"""What pandas is told when it cuts a text that is UTF-8 and uncompressed by then."""


@frozen(kw_only=True)
class CsvPlan:
    """How one CSV source is to be read.

    Attributes
    ----------
    sep, quotechar : str
        Where ``cuts_by_arrow``, one ASCII character each.
    sep_given : bool
        Whether the user named the separator.
    nulls : tuple of str
        Fields that are NULL.
    is_result : bool
        Whether it is a query's result, in which every value is quoted: a quoted field is no NULL, whatever it holds,
        and an empty line of the only column is one.
    options : mapping
        The user's arguments, for pandas.
    """

    sep: str = ","
    sep_given: bool = False
    quotechar: str = '"'
    encoding: str = "utf-8"
    errors: str = "strict"
    nulls: tuple[str, ...] = NA_STRINGS
    is_result: bool = False
    cuts_by_arrow: bool = True
    values_by_arrow: bool = True
    options: Mapping[str, object] = field(factory=dict)

    @property
    def needs_decoding(self) -> bool:
        """Whether the bytes are anything but plain UTF-8."""
        return codecs.lookup(self.encoding).name not in ("utf-8", "utf-8-sig") or self.errors != "strict"

    @property
    def is_cut_in_python(self) -> bool:
        """Whether pandas takes its parser written in Python, which reads some numbers otherwise than that in C."""
        sep, engine = _separator(self.options)[0], self.options.get("engine")
        is_long = not isinstance(sep, str) or (len(sep.encode()) > 1 and sep != r"\s+")
        return is_long or bool(self.options.get("skipfooter")) or str(engine).startswith("python")

    def cut_options(self) -> dict[str, object]:
        """What pandas is told when it cuts; ``usecols=`` only where it must be: it would not look for longer rows."""
        options = {name: value for name, value in self.options.items() if name in CUT_OPTIONS}
        is_plain = options.get("names") is None and not isinstance(options.get("header"), list | tuple)
        if is_plain and options.get("on_bad_lines", "error") == "error":
            options.pop("usecols", None)
        return options


@cache
def _arguments_of_read_csv() -> frozenset[str]:
    import pandas as pd

    return frozenset(inspect.signature(pd.read_csv).parameters)


def refuse_own_arguments(options: Mapping[str, object]) -> None:
    """Raise InvalidArgument where the user passes what this library sets itself."""
    for name in options:
        if name in REFUSED:
            raise InvalidArgument(f"{name}= cannot be passed on: the library sets it itself")


def plan(options: Mapping[str, object], *, verbatim: bool = False, is_result: bool = False) -> CsvPlan:
    """Sort the arguments. Of a query's result only empty fields are NULL, unless the user says what is.

    Raises
    ------
    InvalidArgument
        An argument that the library sets itself, that pandas does not know, or that can never work.
    """
    refuse_own_arguments(options)
    for name in options:
        if name not in _arguments_of_read_csv():
            raise InvalidArgument(f"{name}= is no argument of pandas.read_csv")
    if is_result and NULL_OPTIONS.isdisjoint(options):
        options = {**options, "keep_default_na": False, "na_values": [""]}
    else:
        is_result = False
    sep, sep_given = _separator(options)
    quotechar = options.get("quotechar", '"')
    nulls = _nulls(options)
    return CsvPlan(
        sep=sep if isinstance(sep, str) else "",
        sep_given=sep_given,
        quotechar=quotechar if isinstance(quotechar, str) else "",
        encoding=encoding_of(options),
        errors=errors_of(options),
        nulls=() if verbatim else (nulls or ()),
        is_result=is_result,
        cuts_by_arrow=_cuts_by_arrow(options, sep, quotechar),
        values_by_arrow=verbatim or (nulls is not None and _values_by_arrow(options)),
        options=dict(options),
    )


def _separator(options: Mapping[str, object]) -> tuple[object, bool]:
    for name in ("sep", "delimiter"):
        value = options.get(name, ...)
        if value is not ... and not (name == "delimiter" and value is None) and type(value).__name__ != "_NoDefault":
            return value, True
    return ",", False


def encoding_of(options: Mapping[str, object]) -> str:
    """``encoding=``. Raises InvalidArgument for one that Python does not know, or that is none of text (base64)."""
    encoding = options.get("encoding") or "utf-8"
    try:
        "a".encode(str(encoding))
    except LookupError:
        raise InvalidArgument(f"encoding={encoding!r} is no encoding of text that Python knows") from None
    return str(encoding)


def errors_of(options: Mapping[str, object]) -> str:
    """``encoding_errors=``. Raises InvalidArgument."""
    errors = str(options.get("encoding_errors") or "strict")
    try:
        codecs.lookup_error(errors)
    except LookupError:
        raise InvalidArgument(f"encoding_errors={errors!r} is not known to Python") from None
    return errors


def _is_one_ascii(value: object) -> bool:
    return isinstance(value, str) and len(value) == 1 and value.isascii() and value not in "\r\n"


def _cuts_by_arrow(options: Mapping[str, object], sep: object, quotechar: object) -> bool:
    if not (_is_one_ascii(sep) and _is_one_ascii(quotechar) and sep != quotechar):
        return False
    for name, value in options.items():
        if name in _CUT_AS_DEFAULT and not any(value is one or value == one for one in _CUT_AS_DEFAULT[name]):
            return False
        if name not in _CUT_BY_ARROW and name not in _CUT_AS_DEFAULT and name not in VALUE_OPTIONS:
            return False
    skiprows, header = options.get("skiprows"), options.get("header", "infer")
    return (
        (skiprows is None or _is_count(skiprows))
        and (header in ("infer", None) or _is_count(header))
        and options.get("engine") in (None, "c", "pyarrow")
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _values_by_arrow(options: Mapping[str, object]) -> bool:
    for name in VALUE_OPTIONS & set(options):
        if name in _VALUES_AS_DEFAULT and not any(
            options[name] is one or options[name] == one for one in _VALUES_AS_DEFAULT[name]
        ):
            return False
        if name == "dtype_backend" and type(options[name]).__name__ != "_NoDefault":
            return False
    return True


def _nulls(options: Mapping[str, object]) -> tuple[str, ...] | None:
    """The NULL strings, or None where they are not the same for every column and every type."""
    if options.get("na_filter", True) is False:
        return ()
    own = options.get("na_values")
    if own is None:
        own = []
    elif isinstance(own, str):
        own = [own]
    elif not isinstance(own, list | tuple | set | frozenset):
        return None
    if not all(isinstance(one, str) and not _is_numeric(one) for one in own):
        return None  # pandas compares these as numbers too
    default = NA_STRINGS if options.get("keep_default_na", True) else ()
    return tuple(dict.fromkeys((*default, *own)))


def _is_numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

"""Opens a CSV source: sorts the arguments, finds the header, and says who reads what follows."""

from comotion.adapters.readers.csv_dtype import forced_types
from comotion.adapters.readers.csv_head import read_head
from comotion.adapters.readers.csv_options import plan
from comotion.adapters.readers.csv_rows import TextRows
from comotion.adapters.readers.csv_source import CsvSource
from comotion.adapters.readers.csv_text import as_utf8
from comotion.adapters.readers.streams import Raw
from comotion.domain.schema import Text
from comotion.ports.tables import Source, SourceSpec


def open_csv(spec: SourceSpec, raw: Raw) -> Source:
    """A text of separated values under the pandas arguments in ``spec.options``.

    Raises
    ------
    InvalidArgument
        An argument that pandas does not know, or that the library sets itself.
    UnreadableSource
        Not such a text; the message says where and what to pass.
    """
    how = plan(spec.options, verbatim=spec.verbatim)
    text = as_utf8(raw, how)
    head = read_head(text, how, verbatim=spec.verbatim)
    forced = (
        dict.fromkeys(head.names, Text()) if spec.verbatim else forced_types(how.options.get("dtype"), head.names)
    )
    return CsvSource(text, TextRows(text, how, head, verbatim=spec.verbatim), head, forced=forced)

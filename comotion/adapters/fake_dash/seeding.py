"""Rows into tables without a load: from Python values, files, directories and YAML."""

import json
import re
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comotion.adapters.fake_dash import given_tables
from comotion.adapters.fake_dash.checks import is_text
from comotion.adapters.fake_dash.people import Application, User
from comotion.domain.errors import ExtraMissing, InvalidArgument
from comotion.domain.names import TableName, lake_columns

if TYPE_CHECKING:
    import pyarrow as pa

    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.world import World

SUFFIXES = (".csv", ".parquet", ".json", ".jsonl")
YAML_SUFFIXES = (".yaml", ".yml")


def seed(world: "World", organisation: "Organisation", source: object) -> None:
    """Append what ``source`` holds to the organisation's tables.

    Parameters
    ----------
    source : mapping, path of a directory, or path of a YAML file
        A mapping of table name to data: a list of dicts, a dict of columns, a DataFrame, an Arrow table, or the
        path of a csv, parquet, json or jsonl file. A directory holds one such file a table, or a folder of files.
        A YAML file holds the members ``tables`` (as the mapping), ``v1_tables``, ``users``, ``applications`` and
        ``migrated``.

    Raises
    ------
    InvalidArgument
        Data that is no table, or a name that the lake does not take.
    ExtraMissing
        A YAML file without PyYAML.
    """
    if isinstance(source, Mapping):
        _seed_tables(world, organisation, source)
        return
    if not isinstance(source, (str, PathLike)):
        raise InvalidArgument(f"a seed is a dict of tables, a directory or a YAML file, not {source!r}")
    path = Path(fspath(source))
    if path.is_dir():
        _seed_tables(world, organisation, tables_in(path))
    elif path.suffix.lower() in YAML_SUFFIXES:
        seed_members(world, organisation, _yaml(path), folder=path.parent)
    else:
        raise InvalidArgument(f"{path} is neither a directory nor a YAML file")


def seed_members(
    world: "World", organisation: "Organisation", members: Mapping[str, Any], *, folder: Path | None = None
) -> None:
    """Seed from the members of a YAML file, or of a request to the admin face."""
    unknown = set(members) - {"tables", "v1_tables", "users", "applications", "migrated"}
    if unknown:
        raise InvalidArgument(f"a seed has no member {sorted(unknown)[0]!r}")
    for name in members.keys() - {"migrated"}:
        if not isinstance(members[name] or {}, Mapping):
            raise InvalidArgument(f"the seed's {name} are a mapping by name, not {members[name]!r}")
    for name, given in (members.get("users") or {}).items():
        organisation.users[name] = User(name=name, **_person(given))
    for name, given in (members.get("applications") or {}).items():
        organisation.applications[name] = Application(client_id=name, **_person(given))
    _seed_tables(world, organisation, members.get("tables") or {}, folder=folder)
    for name, rows in (members.get("v1_tables") or {}).items():
        seed_v1(organisation, name, rows)
    if members.get("migrated", False) not in (True, False):
        raise InvalidArgument(f"migrated is true or false, not {members['migrated']!r}")
    if members.get("migrated"):
        organisation.migration.finish(world.manners.done_word)


def _person(given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a user or application, lists as tuples."""
    if not isinstance(given, Mapping):
        raise InvalidArgument(f"a user or application is a mapping of members, not {given!r}")
    for name, value in given.items():
        is_right = PERSON.get(name)
        if is_right is None:
            raise InvalidArgument(f"a user or application has no member {name!r}")
        if not is_right(value):
            raise InvalidArgument(f"the {name} of a user or application cannot be {value!r}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def _is_texts(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value)


PERSON = {"password": is_text, "client_secret": is_text, "scopes": _is_texts, "audiences": _is_texts}


def seed_v1(organisation: "Organisation", name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Append rows to a v1 table, every value as text."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidArgument(f"the seed of v1 table {name} is a list of rows, each a dict of values by column")
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    organisation.v1.append_rows(
        str(TableName(name)),
        columns,
        [tuple(_text(row.get(column)) for column in columns) for row in rows],
        service_client_id="0",
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def tables_in(folder: Path) -> dict[str, list[Path]]:
    """The table files of a directory by table name: ``{table}.csv``, or the files in ``{table}/``."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            inside = [file for file in sorted(path.iterdir()) if file.suffix.lower() in SUFFIXES]
            found.setdefault(path.name, []).extend(inside)
        elif path.suffix.lower() in SUFFIXES:
            found.setdefault(path.stem, []).append(path)
    return found


def _seed_tables(
    world: "World", organisation: "Organisation", tables: Mapping[str, object], *, folder: Path | None = None
) -> None:
    import pyarrow.parquet as pq

    for name, data in tables.items():
        table = _table_name(name)
        pieces = data if isinstance(data, list) and data and isinstance(data[0], Path) else [data]
        for piece in pieces:
            path = world.objects.new_path()
            try:
                pq.write_table(as_arrow(piece, name=table, folder=folder), path)
                organisation.lake.append(table, [path], constants={}, at=world.clock.now())
            finally:
                path.unlink(missing_ok=True)


def _table_name(name: str) -> str:
    """The name of a table that no load makes: one letter will do, which a load does not take."""
    return name if re.fullmatch("[a-z]", name) else str(TableName(name))


def as_arrow(data: object, *, name: str, folder: Path | None = None) -> "pa.Table":
    """Data of any accepted form as an Arrow table whose columns are named as the lake names them."""
    import pyarrow as pa

    what = f"the seed of table {name}"
    if isinstance(data, (str, PathLike)):
        table = _read((folder or Path()) / fspath(data), what)
    elif isinstance(data, Mapping):
        table = given_tables.of_columns(data, what=what)
    elif isinstance(data, pa.Table):
        table = data
    elif hasattr(data, "__arrow_c_stream__"):
        table = pa.table(data)
    elif hasattr(data, "columns"):
        table = pa.Table.from_pandas(data, preserve_index=False)
    elif isinstance(data, Sequence):
        table = given_tables.of_rows(data, what=what)
    else:
        raise InvalidArgument(f"{what} is no table: {type(data).__name__}")
    if not table.column_names:
        raise InvalidArgument(f"{what} has no column")
    return table.rename_columns(lake_columns(table.column_names, source=what))


def _read(path: Path, what: str) -> "pa.Table":
    """The table in a file. Raises InvalidArgument, which names the file, where it holds none."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidArgument(f"{path}: a seed file ends in {', '.join(SUFFIXES)}")
    try:
        if suffix == ".parquet":
            return pq.read_table(path)
        if suffix == ".csv":
            return pa.Table.from_pandas(pd.read_csv(path), preserve_index=False)
        text = path.read_text("utf-8")
        lines = [line for line in text.split("\n") if line.strip()]
        given = json.loads(text) if suffix == ".json" else [json.loads(line) for line in lines]
    except ValueError as wrong:
        raise InvalidArgument(f"{path}: {wrong}") from None
    if isinstance(given, dict):
        # as DataFrame.to_json writes a column: by row
        given = {name: list(one.values()) if isinstance(one, dict) else one for name, one in given.items()}
        return given_tables.of_columns(given, what=what)
    return given_tables.of_rows(given if isinstance(given, list) else [given], what=what)


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        raise ExtraMissing("a YAML seed needs PyYAML: pip install pyyaml, or seed from a directory") from None
    try:
        members = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise InvalidArgument(f"{path} is no YAML: {' '.join(str(wrong).split())}") from None
    if not isinstance(members, Mapping):
        raise InvalidArgument(f"{path} holds no members such as 'tables'")
    return members

"""The loads of the fake: tickets while OPEN, a verdict at the commit, rows in the table when the work is done."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from attrs import define, evolve, field

from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin
from comotion.adapters.fake_dash.progress import Stage
from comotion.adapters.fake_dash.refused import Refused
from comotion.domain.checksum import is_equal
from comotion.domain.load import MAX_PARTITIONS, LoadEvent, LoadStatus, next_status

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.objects import Objects
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.stored import StoredObject
    from comotion.adapters.fake_dash.world import World

CLIENT_COLUMN = "service_client_id"
NO_SQL = re.compile(r"line \d+:\d+: (mismatched|extraneous|missing|no viable)")


@define(kw_only=True)
class LoadRecord:
    """One load as the service knows it.

    Attributes
    ----------
    tickets : dict of object key to file key
        What was asked for; a ticket whose object never came is no part.
    expected, found : dict of expression to value
        The check sums as committed, and as evaluated over the parts.
    messages : tuple of str
        Why it will fail, or has failed; empty otherwise.
    """

    load_id: str
    table: str
    opened: datetime
    service_client_id: str | None = None
    partitions: tuple[str, ...] = ()
    status: LoadStatus = LoadStatus.OPEN
    tickets: dict[str, str] = field(factory=dict)
    parts: tuple[Path, ...] = ()
    expected: dict[str, object] = field(factory=dict)
    found: dict[str, object] = field(factory=dict)
    committed: datetime | None = None
    ended: datetime | None = None
    looks: int = 0
    error_type: str | None = None
    messages: tuple[str, ...] = ()

    def fork(self, objects: "Objects") -> "LoadRecord":
        """A copy whose files are its own."""
        return evolve(
            self,
            tickets=dict(self.tickets),
            parts=tuple(objects.pinned(path) for path in self.parts),
            expected=dict(self.expected),
            found=dict(self.found),
        )

    def constants(self) -> dict[str, str]:
        """Columns that every row gets."""
        return {} if self.service_client_id is None else {CLIENT_COLUMN: self.service_client_id}

    def fails(self, error_type: str, messages: Iterable[str]) -> None:
        """Note why it will end in FAIL."""
        self.error_type, self.messages = error_type, tuple(messages)


def open_load(
    world: "World",
    organisation: "Organisation",
    *,
    table: str,
    service_client_id: str | None,
    partitions: tuple[str, ...],
) -> LoadRecord:
    """A new load. Refused with more than 100 partitions."""
    if len(partitions) > MAX_PARTITIONS:
        raise Refused(400, f"partitions: at most {MAX_PARTITIONS} are allowed, not {len(partitions)}")
    load = LoadRecord(
        load_id=str(uuid4()),
        table=table,
        opened=world.clock.now(),
        service_client_id=service_client_id,
        partitions=partitions,
    )
    organisation.loads[load.load_id] = load
    return load


def find_load(organisation: "Organisation", load_id: str) -> LoadRecord:
    """Refused with 404 when there is none."""
    try:
        return organisation.loads[load_id]
    except KeyError:
        raise Refused(404, f"Load {load_id} not found") from None


def object_key(organisation: "Organisation", load: LoadRecord, file_key: str | None) -> str:
    """Where a file of a load goes: the same key, the same place. Refused unless the load is OPEN."""
    _must_be_open(load, "files cannot be added")
    name = file_key or f"file_{uuid4().hex}"
    place = f"{organisation.name}/{load.table}/{load.load_id}/{name}.parquet"
    load.tickets[place] = name
    return place


def stored_parts(world: "World", organisation: "Organisation", load: LoadRecord) -> "list[StoredObject]":
    """The files of a load that have arrived."""
    found = (world.objects.get(organisation.bucket, place) for place in load.tickets)
    return [stored for stored in found if stored is not None]


def commit(
    world: "World",
    organisation: "Organisation",
    load: LoadRecord,
    expected: Mapping[str, object],
    *,
    doom: Iterable[str] = (),
) -> None:
    """Close the load and judge it.

    Parameters
    ----------
    expected : mapping
        Check sums as sent.
    doom : iterable of str
        Messages of a fault that makes it FAIL whatever its sums.

    Raises
    ------
    Refused
        400: not OPEN, no files, or a check sum that is no SQL.
    """
    _must_be_open(load, "it cannot be committed")
    parts = stored_parts(world, organisation, load)
    if not parts:
        raise Refused(400, f"Load {load.load_id} has no files to commit")
    pinned = tuple(world.objects.pinned(stored.path) for stored in parts)
    names = [load.tickets[stored.key] for stored in parts]
    try:
        _judge(organisation, load, expected, pinned, names)
    except Refused:
        for path in pinned:
            path.unlink()
        raise
    if doom:
        load.fails("LoadError", doom)
    load.parts, load.expected = pinned, dict(expected)
    load.status = next_status(load.status, LoadEvent.COMMIT, load_id=load.load_id)
    load.committed, load.looks = world.clock.now(), 0
    settle(world, organisation, load)


def _judge(
    organisation: "Organisation",
    load: LoadRecord,
    expected: Mapping[str, object],
    parts: tuple[Path, ...],
    names: list[str],
) -> None:
    """Evaluate the check sums over the parts and note what is wrong with the load."""
    damage = _damage(load, parts, names)
    if damage:
        load.fails("FileError", damage)
        return
    try:
        values = organisation.lake.evaluate(list(expected), list(parts), constants=load.constants())
    except PartsDoNotJoin as mixed:
        load.fails("SchemaError", [str(mixed)])
        return
    wrong = []
    for value in values:
        if value.refusal is not None and NO_SQL.match(value.refusal):
            raise Refused(400, f"Invalid check sum {value.expression}: {value.refusal}")
        if value.refusal is not None:
            wrong.append(f"Check sum {value.expression}: {value.refusal}")
            continue
        load.found[value.expression] = value.value
        if not is_equal(expected[value.expression], value.value):
            wrong.append(f"Check sum {value.expression}: expected {expected[value.expression]}, found {value.value}")
    if wrong:
        load.fails("CheckSumError", wrong)


def _damage(load: LoadRecord, parts: tuple[Path, ...], names: list[str]) -> list[str]:
    """What is wrong with the files themselves: no Parquet, or no service_client_id where one is needed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wrong = []
    for path, name in zip(parts, names, strict=True):
        try:
            columns = pq.read_schema(path).names
        except (pa.ArrowException, OSError):
            wrong.append(f"File {name} is not a Parquet file")
            continue
        if load.service_client_id is None and CLIENT_COLUMN not in columns:
            wrong.append(
                f"File {name} has no column {CLIENT_COLUMN}, and the load was created without load_as_service_client_id"
            )
    return wrong


def settle(world: "World", organisation: "Organisation", load: LoadRecord) -> None:
    """End the load if its work is done by now: append the rows, all of them or none."""
    if load.status is not LoadStatus.PROCESSING or load.committed is None:
        return
    now = world.clock.now()
    if world.manners.load_pace.stage(looks=load.looks, began=load.committed, now=now) is not Stage.DONE:
        return
    if not load.messages:
        try:
            organisation.lake.append(load.table, list(load.parts), constants=load.constants(), at=now)
        except PartsDoNotJoin as mixed:
            load.fails("SchemaError", [str(mixed)])
    event = LoadEvent.SUMS_DIFFER if load.messages else LoadEvent.SUMS_MATCH
    load.status = next_status(load.status, event, load_id=load.load_id)
    load.ended = now
    for path in load.parts:
        path.unlink(missing_ok=True)
    load.parts = ()


def look_at(world: "World", organisation: "Organisation", load: LoadRecord) -> None:
    """Somebody asks how the load is doing: that is one look."""
    load.looks += load.status is LoadStatus.PROCESSING
    settle(world, organisation, load)


def _must_be_open(load: LoadRecord, refusal: str) -> None:
    if load.status is not LoadStatus.OPEN:
        raise Refused(400, f"Load {load.load_id} is {load.status.value}: {refusal}")

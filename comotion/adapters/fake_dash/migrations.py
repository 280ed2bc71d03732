"""The move of the fake's v1 tables into its v2 lake."""

from datetime import datetime
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin
from comotion.adapters.fake_dash.progress import Stage
from comotion.adapters.fake_dash.refused import Refused
from comotion.domain.errors import InvalidArgument
from comotion.domain.migration import DONE_WORDS, NOT_RUN, MigrationPlan, MigrationType
from comotion.domain.names import lake_columns

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.v1_tables import V1Table
    from comotion.adapters.fake_dash.world import World

STARTED, FAILED = "Started", "Failed"


@define(kw_only=True)
class MigrationRecord:
    """How far both migrations are.

    Attributes
    ----------
    words, messages : dict by MigrationType
    running : MigrationPlan or None
    """

    words: dict[MigrationType, str] = field(factory=lambda: dict.fromkeys(MigrationType, NOT_RUN))
    messages: dict[MigrationType, str] = field(factory=dict)
    running: MigrationPlan | None = None
    began: datetime | None = None
    looks: int = 0

    def finish(self, word: str) -> None:
        """Both migrations are over, as in an organisation that has long moved."""
        self.words = dict.fromkeys(MigrationType, word)

    def fork(self) -> "MigrationRecord":
        return evolve(self, words=dict(self.words), messages=dict(self.messages))

    def is_fully_done(self) -> bool:
        return self.words[MigrationType.FULL_MIGRATION] in DONE_WORDS


def start(world: "World", organisation: "Organisation", plan: MigrationPlan) -> None:
    """Begin. Refused with 409 while one runs, and after a full one."""
    record = organisation.migration
    settle(world, organisation)
    if record.running is not None:
        raise Refused(409, f"A migration is running: {record.running.migration_type.value}")
    if record.is_fully_done():
        raise Refused(409, "The full migration has already been run")
    record.running, record.began, record.looks = plan, world.clock.now(), 0
    record.words[plan.migration_type] = STARTED
    record.messages.pop(plan.migration_type, None)
    settle(world, organisation)


def look_at(world: "World", organisation: "Organisation") -> MigrationRecord:
    """Somebody asks how the migration is doing: that is one look."""
    organisation.migration.looks += organisation.migration.running is not None
    settle(world, organisation)
    return organisation.migration


def settle(world: "World", organisation: "Organisation") -> None:
    """End the running migration if its work is done by now."""
    record = organisation.migration
    plan, began = record.running, record.began
    if plan is None or began is None:
        return
    now = world.clock.now()
    if world.manners.migration_pace.stage(looks=record.looks, began=began, now=now) is not Stage.DONE:
        return
    try:
        _copy(world, organisation, plan)
    except (_CannotCopy, InvalidArgument, PartsDoNotJoin) as why:
        record.words[plan.migration_type] = FAILED
        record.messages[plan.migration_type] = str(why)
    else:
        record.words[plan.migration_type] = world.manners.done_word
    record.running = None


class _CannotCopy(Exception):
    """Why a migration fails."""


def _copy(world: "World", organisation: "Organisation", plan: MigrationPlan) -> None:
    is_full = plan.migration_type is MigrationType.FULL_MIGRATION
    if plan.clear_out_new_lake:
        organisation.clear_lake()
    elif is_full and any(rows for _, rows in organisation.row_counts()):
        raise _CannotCopy("The new lake holds data and clear-out was not asked for")
    present = {name for name, _ in organisation.row_counts()}
    for name, table in organisation.v1.tables.items():
        if is_full or name not in present:
            _copy_table(world, organisation, name, table, rows=None if is_full else 1)


def _copy_table(world: "World", organisation: "Organisation", name: str, table: "V1Table", *, rows: int | None) -> None:
    """One table's first rows (all for None) as a Parquet part, appended as a load's part is."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = lake_columns(table.columns, source=f"table {name}")
    taken = table.rows[:rows]
    values = [pa.array([row[place] for row in taken], type=pa.string()) for place in range(len(columns))]
    path = world.objects.new_path()
    try:
        pq.write_table(pa.Table.from_arrays(values, names=columns), path)
        organisation.lake.append(name, [path], constants={}, at=world.clock.now())
    finally:
        path.unlink(missing_ok=True)

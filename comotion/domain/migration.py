"""Moving a lake from data model v1 to v2: what is asked for, what cannot be undone, how far it is."""

from enum import Enum

from attrs import field, frozen

from comotion.domain.answer import Answer, wire
from comotion.domain.errors import InvalidArgument, MigrationFailed


class MigrationType(Enum):
    """What is migrated."""

    FLASH_SCHEMA = "FLASH_SCHEMA"
    FULL_MIGRATION = "FULL_MIGRATION"


@frozen(kw_only=True)
class MigrationPlan:
    """A migration about to be started."""

    migration_type: MigrationType = MigrationType.FLASH_SCHEMA
    clear_out_new_lake: bool = False

    @classmethod
    def parse(cls, migration_type: object, clear_out_new_lake: object) -> "MigrationPlan":
        """From what a user passes. Raises InvalidArgument naming the known types."""
        names = [kind.value for kind in MigrationType]
        if migration_type not in names:
            raise InvalidArgument(f"migration_type is one of {', '.join(names)}, not {migration_type!r}")
        if not isinstance(clear_out_new_lake, bool):
            raise InvalidArgument(f"clear_out_new_lake is True or False, not {clear_out_new_lake!r}")
        return cls(migration_type=MigrationType(migration_type), clear_out_new_lake=clear_out_new_lake)

    def to_wire(self) -> dict[str, str]:
        """The body of ``POST /migration``."""
        clear = "CLEAR_OUT" if self.clear_out_new_lake else "DO_NOT_CLEAR_OUT"
        return {"migration_type": self.migration_type.value, "clear_out_new_lake": clear}

    def irreversible(self) -> tuple[str, ...]:
        """What a person must confirm, because it cannot be undone; empty where nothing must be."""
        said: list[str] = []
        if self.clear_out_new_lake:
            said.append("all data in the v2 lake is deleted first")
        if self.migration_type is MigrationType.FULL_MIGRATION:
            said.append("a full migration runs once, and afterwards uploads to the v1 lake are refused")
        return tuple(said)


DONE_WORDS = frozenset({"Completed", "Complete"})
FAILED_WORDS = frozenset({"Failed", "Rerunnable"})
NOT_RUN = "Not Run"


@frozen(kw_only=True)
class MigrationStatus(Answer):
    """How far both migrations are.

    Attributes
    ----------
    flash_schema_status, full_migration_status : str
        The service's words, such as ``"Not Run"`` and ``"Completed"``.
    flash_schema_message, full_migration_message : str or None
    """

    flash_schema_status: str = field(default=NOT_RUN, metadata=wire("flash_schema_status"))
    flash_schema_message: str | None = field(default=None, metadata=wire("flash_schema_message"))
    full_migration_status: str = field(metadata=wire("full_migration_status"))
    full_migration_message: str | None = field(default=None, metadata=wire("full_migration_message"))

    def word(self, migration_type: MigrationType) -> str:
        """The status word of ``migration_type``."""
        if migration_type is MigrationType.FLASH_SCHEMA:
            return self.flash_schema_status
        return self.full_migration_status

    def message(self, migration_type: MigrationType) -> str | None:
        """The service's message on ``migration_type``."""
        if migration_type is MigrationType.FLASH_SCHEMA:
            return self.flash_schema_message
        return self.full_migration_message

    def is_final(self, migration_type: MigrationType) -> bool:
        """Whether ``migration_type`` is over, well or badly."""
        return self.word(migration_type) in DONE_WORDS | FAILED_WORDS

    def failure(self, migration_type: MigrationType) -> MigrationFailed | None:
        """The error that ``migration_type`` stands for where it failed; None otherwise."""
        word = self.word(migration_type)
        if word not in FAILED_WORDS:
            return None
        reason = self.message(migration_type) or "the service gave no reason"
        return MigrationFailed(f"{migration_type.value} ended as {word}: {reason}", reasons=(reason,))

    def data_model(self) -> str:
        """``"v2"`` once the full migration is done, else ``"v1"``."""
        return "v2" if self.full_migration_status in DONE_WORDS else "v1"

"""A dry run: loads without a service and parts as files in a folder, exactly the bytes that would be sent."""

import secrets
from pathlib import Path

from attrs import field, frozen

from comotion.domain.checksum import CheckSums
from comotion.domain.errors import StorageRefused
from comotion.domain.load import CommitAnswer, LoadDraft, LoadInfo, LoadStatus, UploadTicket
from comotion.domain.names import FileKey
from comotion.ports.storage import PartBody, RenewTicket, Spare

PIECE_BYTES = 1024 * 1024


@frozen
class DirectoryLoads:
    """Loads that no service knows: tickets point into ``folder``, a commit sends nothing (a LoadGateway)."""

    folder: Path = field(converter=Path)

    def create(self, draft: LoadDraft) -> None:
        """There is no id."""

    def info(self, load_id: str) -> LoadInfo:
        """Nothing is ever in progress."""
        return LoadInfo(load_status=LoadStatus.OPEN.value)

    def ticket(self, load_id: str | None, key: FileKey | None) -> UploadTicket:
        """``{folder}/{key}.parquet``; a part without a key is ``part.parquet``."""
        name = f"{'part' if key is None else key}.parquet"
        return UploadTicket(path=str(self.folder / name), bucket=str(self.folder))

    def commit(self, load_id: str | None, check_sums: CheckSums) -> CommitAnswer:
        """Nothing is sent."""
        return CommitAnswer(message="dry run: nothing was sent")


@frozen
class DirectoryStore:
    """Parts as files of ``folder``, which is made when the first one comes (an ObjectStore)."""

    folder: Path = field(converter=Path)

    def put(self, ticket: UploadTicket, body: PartBody, renew: RenewTicket, *, spare: Spare | None = None) -> None:
        """Write ``body`` beside its place and move it there once it is whole."""
        place = Path(ticket.path)
        draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("xb") as file:
                file.writelines(body.chunks(PIECE_BYTES))
            draft.replace(place)
        except OSError as wrong:
            raise StorageRefused(f"cannot write {place}: {wrong.strerror or wrong}") from wrong
        finally:
            if draft.exists():
                draft.unlink()

"""Loads over HTTP (dash-api, section 2)."""

from attrs import frozen

from comotion.adapters.dash_api import wire
from comotion.adapters.dash_api.calls import Call, order, send
from comotion.adapters.dash_api.faults import Asked
from comotion.domain.checksum import CheckSums
from comotion.domain.endpoints import segment
from comotion.domain.errors import AnswerLost, OutcomeUnknown
from comotion.domain.load import CommitAnswer, LoadDraft, LoadInfo, UploadTicket
from comotion.domain.names import FileKey
from comotion.domain.pacing import Repeat
from comotion.ports.http import HttpClient


@frozen
class LoadsOverHttp:
    """The LoadGateway of the live service.

    Parameters
    ----------
    http : HttpClient
        Retries, and adds the bearer token.
    base_url : str
        The v2 API of one organisation or zone.
    """

    http: HttpClient
    base_url: str

    def create(self, draft: LoadDraft) -> str:
        operation = f"create load for table {draft.table}"
        call = self._call(operation, "POST", "load", body=wire.draft_body(draft))
        return wire.load_id(operation, send(self.http, call).body)

    def info(self, load_id: str) -> LoadInfo:
        operation = f"read load {load_id}"
        return wire.load_info(operation, send(self.http, self._call(operation, "GET", self._of(load_id))).body)

    def ticket(self, load_id: str | None, key: FileKey | None) -> UploadTicket:
        operation = f"get a file ticket of load {load_id}" + (f" for {key}" if key else "")
        call = self._call(operation, "POST", self._of(load_id, "file"), body=wire.ticket_body(key))
        return wire.upload_ticket(operation, send(self.http, call).body)

    def commit(self, load_id: str | None, check_sums: CheckSums) -> CommitAnswer:
        """Raises AnswerLost, also for an error status that leaves it open: the caller looks at the load."""
        call = self._call(
            f"commit load {load_id}",
            "POST",
            self._of(load_id, "commit"),
            body=wire.commit_body(check_sums),
            repeat=Repeat.ONLY_IF_NOT_RUN,
        )
        try:
            return wire.commit_answer(order(self.http, call).body)
        except OutcomeUnknown as unknown:
            raise AnswerLost(str(unknown)) from unknown

    def _of(self, load_id: str | None, *rest: str) -> str:
        return "/".join(("load", segment(load_id), *rest))

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: dict[str, object] | None = None,
        repeat: Repeat = Repeat.FREELY,
    ) -> Call:
        return Call(
            asked=Asked.LOAD,
            operation=operation,
            method=method,
            url=f"{self.base_url}/{path}",
            body=body,
            repeat=repeat,
        )

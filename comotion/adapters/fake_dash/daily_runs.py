"""The daily runs of the fake: a switch, a history, and at most one run at a time."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from attrs import define, evolve, field

from comotion.adapters.fake_dash.progress import Stage

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.world import World

RUNNING, SUCCEEDED = "RUNNING", "SUCCEEDED"


@define(kw_only=True)
class Run:
    """One daily run. ``ends_as`` is what it becomes when its time is over."""

    name: str
    status: str
    started: datetime
    stopped: datetime | None = None
    ends_as: str = SUCCEEDED
    looks: int = 0

    def to_wire(self) -> dict[str, object]:
        said: dict[str, object] = {"name": self.name, "status": self.status, "startDate": self.started.isoformat()}
        if self.stopped is not None:
            said["stopDate"] = self.stopped.isoformat()
        return said


@define(kw_only=True)
class DailyRuns:
    """The switch (None: the organisation has no such setting) and the runs, the newest last."""

    enabled: bool | None = False
    runs: list[Run] = field(factory=list)

    def fork(self) -> "DailyRuns":
        return DailyRuns(enabled=self.enabled, runs=[evolve(run) for run in self.runs])

    def settle(self, world: "World") -> None:
        """End the running one if its time is over."""
        now = world.clock.now()
        for run in self.runs:
            pace = world.manners.daily_run_pace
            if run.status == RUNNING and pace.stage(looks=run.looks, began=run.started, now=now) is Stage.DONE:
                run.status, run.stopped = run.ends_as, now

    def look(self, world: "World") -> None:
        """Somebody asks for the history: that is one look at the running one."""
        for run in self.runs:
            run.looks += run.status == RUNNING
        self.settle(world)

    def running(self) -> Run | None:
        return next((run for run in self.runs if run.status == RUNNING), None)

    def start(self, world: "World", *, ends_as: str = SUCCEEDED) -> Run:
        """Begin a run; the caller has seen that none is running."""
        run = Run(name=str(uuid4()), status=RUNNING, started=world.clock.now(), ends_as=ends_as)
        self.runs.append(run)
        return run

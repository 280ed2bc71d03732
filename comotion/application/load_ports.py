"""What a load needs of the world, as the composition root provides it."""

from collections.abc import Callable
from typing import Protocol

from comotion.domain.pacing import PollPolicy, RetryPolicy
from comotion.ports.clock import Clock
from comotion.ports.dash import LoadGateway
from comotion.ports.storage import ObjectStore
from comotion.ports.tables import OpenSource, PartEncoder


class LoadSettings(Protocol):
    """The settings that a load follows."""

    @property
    def max_workers(self) -> int: ...
    @property
    def retry(self) -> RetryPolicy: ...
    @property
    def poll(self) -> PollPolicy: ...


class LoadPorts(Protocol):
    """The ports of a load. Each is asked for when it is first used."""

    @property
    def loads(self) -> LoadGateway: ...
    @property
    def store(self) -> ObjectStore: ...
    @property
    def open_source(self) -> OpenSource: ...
    @property
    def encoder(self) -> PartEncoder: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def new_uuid(self) -> Callable[[], str]: ...
    @property
    def settings(self) -> LoadSettings: ...

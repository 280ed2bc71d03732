"""One Dash, whole: everything a face may look at or change. Nothing of it is global; two worlds share nothing."""

import shutil
import tempfile
from pathlib import Path
from threading import RLock

from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.fake_dash.grants import Grants
from comotion.adapters.fake_dash.objects import Objects


class World:
    """The state behind every face.

    Parameters
    ----------
    clock : FakeClock, optional
        One that stands at the present moment when left out.
    directory : Path, optional
        Where its files are kept; a temporary folder that goes with the world when left out.

    Attributes
    ----------
    clock : FakeClock
    objects : Objects
        Buckets and their objects.
    credentials : Grants
        S3 credentials that were handed out.
    lock : RLock
        Held by a face while it changes anything but objects.
    """

    def __init__(self, *, clock: FakeClock | None = None, directory: Path | None = None) -> None:
        self.clock = clock or FakeClock()
        self._is_temporary = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="fake-dash-"))
        self.lock = RLock()
        self.objects = Objects(self.directory / "objects", self.clock)
        self.credentials = Grants(self.clock)

    def close(self) -> None:
        """Drop what the world holds; a temporary folder is removed."""
        if self._is_temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

"""What reading changed of a CSV text: said after the first pass, and kept for the receipt."""

from collections.abc import Iterable

from attrs import define

from comotion.domain.errors import DataWarning
from comotion.domain.warned import warn


@define
class Notes:
    """Those on one source. ``kept`` is None until they are said."""

    source: str
    kept: tuple[str, ...] | None = None

    def say(self, zeros_lost: Iterable[tuple[str, int]], *, padded: int, others: Iterable[str] = ()) -> None:
        """Say in how many values of which column leading zeros were lost, how many rows were short, and ``others``."""
        notes = [
            f"column {name!r}: leading zeros were lost in {lost} value{'s' * (lost > 1)}; "
            f"pass dtype={{{name!r}: 'str'}} to keep them"
            for name, lost in zeros_lost
            if lost
        ]
        notes += others
        if padded:
            notes.append(f"{padded} row{'s' * (padded > 1)} shorter than the header: padded with NULLs")
        if self.kept is None:
            for note in notes:
                warn(f"{self.source}: {note}", DataWarning)
        self.kept = tuple(notes)

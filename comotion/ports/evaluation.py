"""The Evaluate port: what check sums come to over files, asked in a dry run instead of the service."""

from collections.abc import Callable, Mapping, Sequence

from attrs import frozen


@frozen(kw_only=True)
class Evaluated:
    """What one expression came to.

    Attributes
    ----------
    value : object
        A number, a text, or None for NULL.
    refusal : str or None
        Why the service would refuse it.
    is_known : bool
        False where it cannot be said what the service would answer.
    """

    value: object = None
    refusal: str | None = None
    is_known: bool = True

    def __str__(self) -> str:
        return str(self.value) if self.refusal is None else self.refusal


Evaluate = Callable[[Sequence[str], Sequence[str]], Mapping[str, Evaluated]]
"""``evaluate(paths of Parquet files, expressions)``. Raises DataError where the files have no common schema."""

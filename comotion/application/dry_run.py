"""What a dry run says at its commit: each check sum, as it comes out over the files that were written."""

from comotion.domain.checksum import CheckSums, is_equal
from comotion.domain.errors import CheckSumsDiffer
from comotion.domain.load import Load
from comotion.ports.evaluation import Evaluate, Evaluated


def evaluated(sums: CheckSums, load: Load, evaluate: Evaluate, *, table: str) -> str:
    """Expected and found of each check sum over the files of ``load``. Raises CheckSumsDiffer."""
    found = evaluate(list(load.parts), [expression for expression, _ in sums])
    lines = {sql: f"{sql}: expected {expected}, found {found[sql]}" for sql, expected in sums}
    differing = tuple(lines[sql] for sql, expected in sums if _differs(expected, found[sql]))
    if differing:
        raise CheckSumsDiffer(
            f"dry run of {table}: the service would refuse the load: {'; '.join(differing)}", reasons=differing
        )
    return f"dry run, nothing was sent; {'; '.join(lines.values())}"


def _differs(expected: object, found: Evaluated) -> bool:
    if found.refusal is not None:
        return found.is_known
    return not is_equal(expected, found.value)

"""Faults are counted from where they were placed, and chance is seeded."""

import pytest

from comotion.adapters.fake_dash.faults import Fault, Faults, Kind
from comotion.adapters.fake_dash.progress import Pace


def hits(faults: Faults, operation: str, calls: int) -> list[int]:
    return [len(faults.hitting(operation)) for _ in range(calls)]


def test_a_fault_counts_only_calls_of_its_own_operation() -> None:
    faults = Faults()
    faults.drop(on="commit_load", nth=2)
    assert hits(faults, "load_info", 3) == [0, 0, 0]
    assert hits(faults, "commit_load", 3) == [0, 1, 0]


def test_a_fault_without_end_hits_every_call() -> None:
    faults = Faults()
    faults.drop(on="*_load", nth=2, times=None)
    assert hits(faults, "create_load", 4) == [0, 1, 1, 1]


def test_two_faults_may_hit_one_call() -> None:
    faults = Faults()
    faults.slow(1)
    faults.lose_answer()
    assert {fault.kind for fault in faults.hitting("token")} == {Kind.SLOW, Kind.LOSE_ANSWER}


def test_the_same_seed_is_the_same_chance_and_another_is_not() -> None:
    def drawn(seed: int) -> list[int]:
        faults = Faults(seed)
        faults.drop(times=None, probability=0.5)
        return hits(faults, "token", 30)

    assert drawn(1) == drawn(1) != drawn(2)


def test_a_fork_counts_on_by_itself() -> None:
    faults = Faults()
    faults.drop(nth=2)
    faults.hitting("token")
    fork = faults.fork()
    assert hits(fork, "token", 1) == hits(faults, "token", 1) == [1]


@pytest.mark.parametrize("wrong", [{"nth": 0}, {"probability": 1.5}, {"probability": -0.1}])
def test_a_fault_that_could_never_hit_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"from 1|between 0 and 1"):
        Fault(kind=Kind.DROP, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"polls": -1}, {"seconds": -1}])
def test_work_takes_no_negative_time(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Pace(**wrong)

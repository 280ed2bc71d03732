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


@pytest.mark.parametrize(
    "wrong",
    [
        {"nth": 0},
        {"nth": "1"},
        {"times": 0},
        {"times": "1"},
        {"probability": 1.5},
        {"probability": -0.1},
        {"on": 5},
        {"status": 99},
        {"status": "503"},
        {"headers": ["a"]},
        {"body": 5},
        {"seconds": -1},
        {"seconds": "x"},
        {"after_bytes": -1},
        {"after": "yes"},
        {"messages": (5,)},
    ],
)
def test_a_fault_that_could_never_hit_is_refused_with_what_is_wrong(wrong: dict[str, object]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} must be"):
        Fault(kind=Kind.DROP, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.FAIL_LOAD])
def test_a_fault_says_everything_that_its_kind_needs(kind: Kind) -> None:
    with pytest.raises(ValueError, match="must be"):
        Fault(kind=kind)


def test_a_fault_on_an_operation_that_there_is_not_is_refused_with_the_nearest() -> None:
    faults = Faults(operations={"create_load", "commit_load"})
    assert faults.drop(on="*_load")
    with pytest.raises(ValueError, match="did you mean 'create_load'"):
        faults.drop(on="creat_load")


def test_a_load_fails_at_its_commit_wherever_it_was_said() -> None:
    assert Fault(kind=Kind.FAIL_LOAD, messages=("no",)).on == "commit_load"


def test_one_message_of_a_load_that_fails_is_one() -> None:
    assert Faults().fail_load("the cluster is down").messages == ("the cluster is down",)


@pytest.mark.parametrize("wrong", [{"polls": -1}, {"seconds": -1}])
def test_work_takes_no_negative_time(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Pace(**wrong)

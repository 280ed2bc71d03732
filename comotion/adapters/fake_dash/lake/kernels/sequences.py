"""sequence() over numbers, dates and timestamps."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

KERNELS = Kernels()


@KERNELS()
def sequence(start: int, stop: int, step: int) -> list[int]:
    _check_steps(start, stop, step)
    return list(range(start, stop + (1 if step > 0 else -1), step))


@KERNELS()
def table_step(start: int, stop: int, step: int) -> int:
    """The step of the table function sequence(), which fits its ends."""
    if start < stop and step <= 0:
        raise KernelRefusal(f"Step must be positive for sequence [{start}, {stop}]")
    if start > stop and step >= 0:
        raise KernelRefusal(f"Step must be negative for sequence [{start}, {stop}]")
    return step or 1


def _check_steps(start: Any, stop: Any, step: int) -> None:
    if step == 0:
        raise KernelRefusal("step must not be zero")
    if (step > 0 and stop < start) or (step < 0 and stop > start):
        raise KernelRefusal(
            "sequence stop value should be greater than or equal to start value if step is greater "
            "than zero otherwise stop should be less than or equal to start"
        )
    if isinstance(start, int) and abs(stop - start) // abs(step) + 1 > 10_000:
        raise KernelRefusal("result of sequence function must not have more than 10000 entries")


@KERNELS()
def sequence_dates(start: dt.date, stop: dt.date, millis: int) -> list[dt.date]:
    if millis % 86_400_000:
        raise KernelRefusal("sequence step must be a day interval if start and end values are dates")
    return [dt.date.fromordinal(n) for n in sequence(start.toordinal(), stop.toordinal(), millis // 86_400_000)]


@KERNELS()
def sequence_date_months(start: dt.date, stop: dt.date, months: int) -> list[dt.date]:
    found = sequence_moment_months(dt.datetime.combine(start, dt.time()), dt.datetime.combine(stop, dt.time()), months)
    return [one.date() for one in found]


@KERNELS()
def sequence_moments(start: dt.datetime, stop: dt.datetime, millis: int) -> list[dt.datetime]:
    _check_steps(start, stop, millis)
    step = dt.timedelta(milliseconds=millis)
    count = (stop - start) // step
    if count >= 10_000:
        raise KernelRefusal("result of sequence function must not have more than 10000 entries")
    return [start + step * n for n in range(count + 1)]


@KERNELS()
def sequence_moment_months(start: dt.datetime, stop: dt.datetime, months: int) -> list[dt.datetime]:
    from comotion.adapters.fake_dash.lake.kernels.moments import plus_months

    _check_steps(start, stop, months)
    found: list[dt.datetime] = []
    for number in itertools.count():
        one = plus_months(start, months * number)
        if (months > 0 and one > stop) or (months < 0 and one < stop):
            return found
        found.append(one)
        if len(found) > 10_000:
            raise KernelRefusal("result of sequence function must not have more than 10000 entries")
    return found

"""Options that commands about loads share, and check sums as they are typed."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Any

import click

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
service_client_option = click.option(
    "-s", "--load-as-service-client", help="Service client id of every row; else the data has the column."
)
partitions_option = click.option("-p", "--partitions", multiple=True, help="A partition; may be given several times.")
timeout_option = click.option("--timeout", type=click.FloatRange(min=0), help="Seconds to wait at most.")


class OfSeveralWords(click.Option):
    """An option of so many words, which may be repeated: in the environment, none of them may be left over."""

    def value_from_envvar(self, ctx: click.Context) -> Any:
        text = self.resolve_envvar_value(ctx)
        count = 0 if text is None else len(text.split())
        if count % self.nargs:
            raise click.BadParameter(f"{count} words in the environment, {self.nargs} are one", ctx, self)
        return super().value_from_envvar(ctx)


_check_sum_option = partial(
    click.option,
    "-c",
    "--check_sum",
    "--check-sum",
    "check_sum",
    cls=OfSeveralWords,
    multiple=True,
    help="A SQL aggregate and the value it must have; may be given several times.",
)
check_sum_option = partial(_check_sum_option, type=(str, str), metavar="EXPRESSION VALUE")
check_sum_of_table_option = _check_sum_option(type=(str, str, str), metavar="TABLE EXPRESSION VALUE")


def _value(text: str) -> int | Decimal | str:
    """A check sum's value as typed: a number where it is written as one, so that ``007`` stays a text."""
    if not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() and "." not in text else number


def check_sums(pairs: Iterable[tuple[str, str]]) -> dict[str, int | Decimal | str] | None:
    """The sums that were typed, None where there were none. Raises BadOptionUsage for one that is typed twice."""
    sums: dict[str, int | Decimal | str] = {}
    for expression, value in pairs:
        if expression in sums:
            raise click.BadOptionUsage("check_sum", f"the check sum {expression!r} is given twice")
        sums[expression] = _value(value)
    return sums or None

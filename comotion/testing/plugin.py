"""Fixtures for pytest: ``fake_dash``, ``fake_dash_server``, ``dash_config``; nothing heavy until one is used.

On a failed test the report shows what reached its fake Dash, how SQL was translated, and what check sums came to.
Each test has a world of its own, so any number of workers may run at once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from comotion.facade.config import DashConfig
    from comotion.testing.fake import FakeDash
    from comotion.testing.serving import ServedDash

_WORLD = pytest.StashKey["FakeDash"]()


@pytest.fixture  # type: ignore[untyped-decorator]  # pytest is not typed for us
def fake_dash(request: pytest.FixtureRequest) -> Iterator[FakeDash]:
    """A fake Dash of this test's own, in process."""
    from comotion.testing.fake import FakeDash

    with FakeDash() as fake:
        request.node.stash[_WORLD] = fake
        yield fake
        del request.node.stash[_WORLD]


@pytest.fixture  # type: ignore[untyped-decorator]  # pytest is not typed for us
def fake_dash_server(fake_dash: FakeDash) -> Iterator[ServedDash]:
    """The test's fake Dash behind a loopback server."""
    with fake_dash.serve() as server:
        yield server


@pytest.fixture  # type: ignore[untyped-decorator]  # pytest is not typed for us
def dash_config(fake_dash: FakeDash) -> DashConfig:
    """A signed-in connection to the test's fake Dash, in process."""
    return fake_dash.config()


@pytest.hookimpl(wrapper=True)  # type: ignore[untyped-decorator]
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the world's report to that of a failed test."""
    report: Any = yield
    fake = item.stash.get(_WORLD, None)
    if fake is not None and report.when == "call" and report.failed:
        report.sections.append(("fake Dash", fake.report()))
    return report

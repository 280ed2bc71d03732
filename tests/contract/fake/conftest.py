"""The same sentences over three ways to one fake Dash; every exchange is held to its description afterwards."""

from collections.abc import Iterator

import pytest

from comotion.testing import FakeDash
from tests.contract.fake.dash_client import WAYS, Dash
from tests.contract.fake.description import wrong_with


@pytest.fixture(autouse=True)
def every_exchange_is_as_described(fake_dash: FakeDash) -> Iterator[None]:
    yield
    assert [wrong for entry in fake_dash.requests for wrong in wrong_with(entry)] == []


@pytest.fixture(params=list(WAYS))
def stranger(request: pytest.FixtureRequest, fake_dash: FakeDash) -> Iterator[Dash]:
    """Somebody who has not signed in."""
    with WAYS[request.param](fake_dash) as way:
        yield Dash(fake_dash, way)


@pytest.fixture
def dash(stranger: Dash) -> Dash:
    """The organisation's user, signed in."""
    return stranger.signed_in()

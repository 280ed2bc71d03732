"""A fake Dash that the functions of the door find by the environment, as a script's would."""

from collections.abc import Iterator

import pytest

from comotion.testing import FakeDash


@pytest.fixture
def served(tmp_path, monkeypatch) -> Iterator[FakeDash]:
    """A served fake; nobody is signed in, and the working directory is empty."""
    monkeypatch.chdir(tmp_path)
    with FakeDash() as fake, fake.serve() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "nobody" / "credentials"))
        yield fake


@pytest.fixture
def api_key(served) -> str:
    return served.organisation.the_api_key()


@pytest.fixture
def signed_in(served) -> FakeDash:
    """The same, with the organisation's user signed in."""
    from comotion.auth import Auth

    token = served.world.sign_in(served.organisation.name, issuer=Auth(served.organisation.name).issuer)
    Auth(served.organisation.name).sign_in.credentials.set_refresh_token("tester", token)
    return served

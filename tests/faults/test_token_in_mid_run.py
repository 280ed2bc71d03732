"""What happens to a client when its access token ends, is refused, or is used up in the middle of work."""

import pytest

from comotion.domain.errors import AccessRefused, ApiException, SignInNeeded, UnAuthenticatedException
from comotion.testing import FakeDash


@pytest.fixture(params=["in process", "over sockets"])
def connected(request):
    """A fake Dash and a client of it."""
    with FakeDash("acme") as fake:
        if request.param == "in process":
            yield fake, fake.config()
        else:
            with fake.serve() as server:
                yield fake, server.config()


def operations(fake) -> list[str]:
    return [entry.operation for entry in fake.requests]


def test_many_calls_ask_for_one_token(connected):
    fake, config = connected
    for _ in range(5):
        config.wiring.migrations.status()
    assert operations(fake) == ["token"] + ["migration_status"] * 5


def test_a_token_that_ends_in_mid_run_is_replaced():
    with FakeDash("acme") as fake:
        config = fake.config()
        config.wiring.migrations.status()
        fake.clock.advance(seconds=280)
        config.wiring.migrations.status()
        assert operations(fake) == ["token", "migration_status", "token", "migration_status"]


def test_a_401_renews_the_token_once_and_sends_again_once(connected):
    fake, config = connected
    config.wiring.migrations.status()
    fake.organisation.sessions.revoke_access()
    config.wiring.migrations.status()
    assert operations(fake) == ["token", "migration_status", "migration_status", "token", "migration_status"]


def test_a_query_that_was_answered_401_is_started_once(connected):
    fake, config = connected
    fake.faults.status(401, on="run_query")
    config.wiring.queries.run("select 1")
    assert len(fake.organisation.queries) == 1


def test_a_401_to_a_fresh_token_is_an_error_and_no_loop(connected):
    fake, config = connected
    fake.faults.status(401, on="migration_status", times=None)
    with pytest.raises(UnAuthenticatedException) as caught:
        config.wiring.migrations.status()
    assert isinstance(caught.value, ApiException)
    assert operations(fake) == ["token", "migration_status", "token", "migration_status"]


def test_a_sign_in_that_ended_meanwhile_says_what_to_do(connected):
    fake, config = connected
    config.wiring.migrations.status()
    fake.organisation.sessions.revoke_access()
    fake.organisation.sessions.end(config.auth.credentials_cache.get_refresh_token())
    with pytest.raises(SignInNeeded, match="Your credentials are not valid"):
        config.wiring.migrations.status()


def test_a_token_endpoint_with_hiccups_is_asked_again():
    with FakeDash("acme") as fake:
        fake.faults.status(503, on="token", retry_after=2)
        fake.faults.drop(on="token", nth=2)
        config = fake.config()
        config.wiring.migrations.status()
        assert operations(fake) == ["token", "token", "token", "migration_status"]
        assert fake.clock.naps[0] == 2.0


def test_an_application_that_was_taken_away_is_refused():
    with FakeDash("acme") as fake:
        config = fake.config(as_application=True)
        fake.organisation.applications.clear()
        with pytest.raises(AccessRefused, match="answered 401"):
            config.wiring.migrations.status()

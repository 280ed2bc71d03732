"""The service as the guides know it."""

import getpass
from collections.abc import Iterator

import pytest

from comotion.adapters.fake_dash.people import Application
from comotion.auth import Auth
from comotion.testing import FakeDash
from tests.examples.reader import ORGANISATIONS


@pytest.fixture(scope="module")
def fake(tmp_path_factory) -> Iterator[FakeDash]:
    """The service, with the guide's organisations, its application and its keys; everybody is signed in."""
    place = tmp_path_factory.mktemp("guide")
    with pytest.MonkeyPatch.context() as patch, FakeDash() as world:
        patch.chdir(place)
        patch.setenv("COMOTION_CREDENTIALS_FILE", str(place / "credentials"))
        patch.setattr(getpass, "getpass", lambda prompt="": "my_api_key")
        for org in ORGANISATIONS:
            organisation = world.world.add_organisation(org)
            organisation.api_keys.add("my_api_key")
            organisation.applications["test"] = Application(client_id="test", client_secret="2shjkdfbjsdhfg2893847")
            Auth(org).sign_in.credentials.set_refresh_token("tester", world.refresh_token(org))
        with world.installed():
            yield world

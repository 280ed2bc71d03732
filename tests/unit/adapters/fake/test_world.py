"""A world holds organisations, and each of them what is its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from comotion.adapters.fake_dash.world import World
from comotion.domain.errors import InvalidName


@pytest.mark.parametrize("name", ["acme", "My_Org-7", "x" * 120, "a__b"])
def test_a_bucket_has_a_name_that_s3_takes(name: str) -> None:
    with World() as world:
        bucket = world.add_organisation(name).bucket
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", bucket)


def test_two_worlds_share_no_bucket_and_no_secret() -> None:
    with World() as one, World() as two:
        left, right = one.add_organisation("acme"), two.add_organisation("acme")
        assert left.bucket != right.bucket
        assert left.the_application().client_secret != right.the_application().client_secret
        assert left.the_api_key() != right.the_api_key()
        assert one.credentials.lasting != two.credentials.lasting


def test_an_organisation_is_made_once() -> None:
    with World() as world:
        assert world.add_organisation("acme") is world.add_organisation("acme")


def test_a_name_that_is_none_is_refused() -> None:
    with World() as world, pytest.raises(InvalidName):
        world.add_organisation("not/a/name")


def test_secrets_show_in_no_repr() -> None:
    with World() as world:
        organisation = world.add_organisation("acme")
        application, user = organisation.the_application(), organisation.the_user()
        grant = world.credentials.issue_sts(organisation.bucket, "a")
        shown = f"{application!r}{user!r}{grant!r}{world.credentials.lasting!r}"
        bearer = organisation.sessions.issue_access(
            application, client_id="x", session=None, issuer="https://x", scope="load:read"
        )
        shown += repr(bearer)
        for secret in (application.client_secret, grant.secret_access_key, str(grant.session_token), bearer.text):
            assert secret not in shown


SERVED = """
import pandas as pd
from comotion.dash import Load
from comotion.testing import FakeDash

fake = FakeDash()
with fake.serve() as server:
    load = Load(server.config(), "APPEND_ONLY", "motor", "0", track_rows_uploaded=True)
    load.upload_df(pd.DataFrame({"id": [1]}), "a_part")
    print(fake.world.directory, fake.world.directory.exists())
"""


def test_the_folder_of_a_world_that_nobody_closes_goes_with_its_process() -> None:
    ran = subprocess.run([sys.executable, "-c", SERVED], capture_output=True, text=True, timeout=60)
    folder, existed = ran.stdout.split()
    assert existed == "True"
    assert not Path(folder).exists()

"""``comotion dash``: migration and daily run; ``comotion``: sign-in and settings."""

import io
import json
import sys

import pytest


def test_a_migration_is_asked_about_before_what_cannot_be_undone(comotion, fake, surroundings):
    surroundings.setattr(sys, "stdin", io.StringIO("n\n"))
    ran = comotion("dash", "start-migration", "--clear-out-new-lake")
    assert ran.code == 1
    assert "cannot be undone" in ran.err
    assert "deleted" in ran.err
    assert not [entry for entry in fake.requests if entry.operation == "start_migration"]


def test_a_flash_schema_migration_needs_no_question(comotion):
    ran = comotion("dash", "start-migration", "--flash-schema")
    assert (ran.code, ran.err) == (0, "")


def test_both_kinds_of_migration_at_once_start_none(comotion, fake):
    ran = comotion("dash", "start-migration", "--flash-schema", "--full-migration", "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "not both. See `comotion dash start-migration --help`." in ran.err
    assert not fake.requests.of("start_migration")


def test_the_kind_of_a_migration_may_stand_in_the_environment(comotion, surroundings):
    surroundings.setenv("COMOTION_DASH_START_MIGRATION_FLASH_SCHEMA", "1")
    assert comotion("dash", "start-migration", "--yes").out == "FLASH_SCHEMA started\n"


@pytest.mark.parametrize(("name", "state"), [("ENABLE", "true"), ("DISABLE", "false")])
def test_how_the_daily_run_is_switched_may_stand_in_the_environment(comotion, surroundings, name, state):
    surroundings.setenv(f"COMOTION_DASH_UPDATE_DAILY_RUN_ENABLED_{name}", "1")
    assert comotion("dash", "update-daily-run-enabled").out == f"{state}\n"


def test_the_daily_run_is_not_switched_on_and_off_at_once(comotion, fake):
    assert comotion("dash", "update-daily-run-enabled", "--enable", "--disable").code == 2
    assert not fake.requests.of("enable_daily_run")


def test_a_full_migration_is_the_default_and_runs_once(comotion):
    assert comotion("dash", "start-migration", "--yes", "--wait").code == 0
    status = comotion("dash", "migration-status")
    assert status.out.splitlines()[0].startswith("Flash schema process: ")
    assert "Full migration process: Complete" in status.out
    again = comotion("dash", "start-migration", "--yes")
    assert again.code == 1
    assert again.err.startswith("Error: ")


def test_the_daily_run_is_switched_and_started(comotion):
    assert comotion("dash", "update-daily-run-enabled", "--enable").out == "true\n"
    assert comotion("dash", "daily-run-enabled").out == "true\n"
    assert comotion("dash", "start-daily-run-execution", "--yes").json()["started"] is True
    second = comotion("dash", "start-daily-run-execution", "--yes")
    assert second.code == 0
    assert second.json()["started"] is False
    assert len(comotion("dash", "daily-run-execution-info", "--mode", "list").json()["executions"]) == 1


def test_an_application_signs_in_by_its_environment(comotion, server):
    status = comotion("auth-status")
    assert status.code == 0
    assert server.facts()["client_id"] in status.out
    assert server.facts()["client_secret"] not in status.out + status.err


def test_a_token_is_printed_alone(comotion):
    ran = comotion("get-access-token")
    assert ran.code == 0
    assert ran.out.count(".") == 2
    assert ran.err == ""


def test_a_sign_in_kept_in_a_file_is_used_and_can_be_ended(comotion, server, surroundings, tmp_path):
    from comotion.adapters.file_store import FileStore

    facts = server.facts()
    path = tmp_path / "credentials.json"
    FileStore(server.url, facts["org"], path=path).set_refresh_token(facts["user"], facts["refresh_token"])
    for name in ("COMOTION_CLIENT_ID", "COMOTION_CLIENT_SECRET"):
        surroundings.delenv(name)
    surroundings.setenv("COMOTION_CREDENTIALS_FILE", str(path))
    assert comotion("get-current-user").out == f"{facts['user']}\n"
    assert facts["user"] in comotion("auth-status").out
    assert comotion("logout").code == 0
    after = comotion("get-current-user")
    assert after.code == 4
    assert "comotion authenticate" in after.err
    assert comotion("auth-status").code == 0
    assert comotion("dash", "migration-status").code == 4


def test_a_refused_sign_in_is_said_in_the_words_that_scripts_look_for(comotion, server, surroundings, tmp_path):
    from comotion.adapters.file_store import FileStore

    path = tmp_path / "credentials.json"
    FileStore(server.url, server.facts()["org"], path=path).set_refresh_token("jane", "stale")
    for name in ("COMOTION_CLIENT_ID", "COMOTION_CLIENT_SECRET"):
        surroundings.delenv(name)
    surroundings.setenv("COMOTION_CREDENTIALS_FILE", str(path))
    ran = comotion("dash", "migration-status")
    assert ran.code == 4
    assert (
        ran.err == "Error: Your credentials are not valid. Run `comotion authenticate` to refresh your credentials.\n"
    )


def test_settings_are_written_once_and_read_after(comotion, surroundings, tmp_path):
    surroundings.setenv("COMOTION_CONFIG", str(tmp_path / "config.toml"))
    assert comotion("-o", "other_org", "init").code == 0
    surroundings.delenv("COMOTION_ORGNAME")
    surroundings.delenv("COMOTION_ISSUER")
    assert comotion("get-issuer").out.startswith("http://127.0.0.1:")
    assert "other_org" in (tmp_path / "config.toml").read_text("utf-8")


def test_a_missing_orgname_is_asked_for_on_standard_error(comotion, surroundings, server):
    surroundings.delenv("COMOTION_ORGNAME")
    surroundings.setattr(sys, "stdin", io.StringIO("my_org\n"))
    ran = comotion("get-access-token")
    assert ran.code == 0, ran.err
    assert "Orgname" in ran.err
    assert ran.out.count("\n") == 1


def test_an_impossible_orgname_is_a_usage_error(comotion):
    ran = comotion("-o", "a.b", "get-access-token")
    assert (ran.code, ran.out) == (2, "")


def test_the_facts_of_a_served_fake_are_one_line_of_json(server):
    assert {
        "url", "org", "user", "refresh_token", "client_id", "client_secret", "api_key"
    } <= json.loads(json.dumps(server.facts())).keys()  # fmt: skip


def test_the_status_says_where_each_setting_came_from(comotion, surroundings, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('zone = "eu"\n', "utf-8")
    surroundings.setenv("COMOTION_CONFIG", str(config))
    lines = comotion("-o", "my_org", "auth-status").out.splitlines()
    assert lines[0] == "Organisation: my_org (argument)"
    assert lines[1].endswith("(environment variable COMOTION_ISSUER)")
    assert lines[2] == f"Zone: eu (file {config})"


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_the_error_after_a_question_is_a_line_of_its_own(comotion, surroundings, answer):
    surroundings.setattr(sys, "stdin", io.StringIO(answer))
    ran = comotion("dash", "start-migration")
    assert ran.code == 1
    assert ran.err.splitlines()[-1].startswith("Error: ")


def test_an_orgname_is_asked_for_once_and_the_status_says_so(comotion, surroundings, tmp_path):
    surroundings.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "nobody"))
    for name in ("COMOTION_ORGNAME", "COMOTION_CLIENT_ID", "COMOTION_CLIENT_SECRET"):
        surroundings.delenv(name)
    surroundings.setattr(sys, "stdin", io.StringIO("other_org\n"))
    ran = comotion("auth-status")
    assert ran.out.startswith("Organisation: other_org (asked for)\n")
    assert ran.err == "Orgname: \n"


@pytest.mark.parametrize("half", ["COMOTION_CLIENT_ID", "COMOTION_CLIENT_SECRET"])
def test_half_an_application_is_a_usage_error(comotion, surroundings, half):
    surroundings.delenv(half)
    ran = comotion("get-access-token")
    assert (ran.code, ran.out) == (2, "")
    assert "--client-id" in ran.err
    assert "--client-secret" in ran.err

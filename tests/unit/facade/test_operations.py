"""Migration and DailyRun over a fake Dash."""

import copy
import pickle

import pytest

from comotion.adapters.fake_dash.progress import Pace
from comotion.dash import Auth, DailyRun, DashConfig, Migration
from comotion.domain.errors import MigrationFailed, NoDailyRunSetting, UnAuthenticatedException


def sent(fake) -> list[str]:
    return [entry.operation for entry in fake.requests if entry.operation != "token"]


@pytest.mark.parametrize("kind", [Migration, DailyRun])
@pytest.mark.parametrize("config", [None, "org", DashConfig])
def test_a_configuration_is_needed(kind, config):
    with pytest.raises(TypeError, match="DashConfig"):
        kind(config)


# migration


def test_flash_schema_is_the_default(fake_dash, dash_config):
    migration = Migration(config=dash_config)
    assert migration.start(wait=True) is None
    status = migration.status()
    assert (status.flash_schema_status, status.full_migration_status) == ("Completed", "Not Run")
    assert status.to_dict()["flash_schema_status"] == "Completed"


def test_a_full_migration_is_waited_for(fake_dash, dash_config):
    fake_dash.manners.migration_pace = Pace(seconds=3600)
    migration = Migration(dash_config)
    migration.start("FULL_MIGRATION", True)
    assert migration.status().full_migration_status == "Started"
    assert migration.wait_to_complete().full_migration_status == "Completed"


def test_waiting_for_a_migration_may_end_first(fake_dash, dash_config):
    fake_dash.manners.migration_pace = Pace(seconds=3600)
    with pytest.raises(TimeoutError, match="goes on"):
        Migration(dash_config).start("FULL_MIGRATION", wait=True, timeout=60)


def test_data_in_the_new_lake_fails_a_full_migration_without_clearing(fake_dash, dash_config):
    fake_dash.seed({"motor": [{"id": 1}]})
    with pytest.raises(MigrationFailed) as caught:
        Migration(dash_config).start("FULL_MIGRATION", wait=True)
    assert caught.value.reasons


@pytest.mark.parametrize(
    "arguments", [{"migration_type": "EVERYTHING"}, {"migration_type": None}, {"clear_out_new_lake": "yes"}]
)
def test_a_bad_argument_is_refused_before_any_call(fake_dash, dash_config, arguments):
    with pytest.raises(ValueError):
        Migration(dash_config).start(**arguments)
    assert sent(fake_dash) == []


def test_a_second_full_migration_is_a_value_error(dash_config):
    migration = Migration(dash_config)
    migration.start("FULL_MIGRATION", wait=True)
    with pytest.raises(ValueError, match="409"):
        migration.start("FULL_MIGRATION")


# daily run


def test_the_switch(fake_dash, dash_config):
    daily = DailyRun(config=dash_config)
    assert daily.update_daily_run_enabled(True) is True
    assert daily.get_daily_run_enabled() is True
    assert daily.update_daily_run_enabled(enabled=False) is False


@pytest.mark.parametrize("enabled", [1, 0, "true", None])
def test_a_flag_that_is_no_bool_is_a_type_error(fake_dash, dash_config, enabled):
    with pytest.raises(TypeError):
        DailyRun(dash_config).update_daily_run_enabled(enabled)
    assert sent(fake_dash) == []


def test_no_setting_is_a_value_error_that_names_the_status(fake_dash, dash_config):
    fake_dash.organisation.daily_runs.enabled = None
    with pytest.raises(ValueError, match="404") as caught:
        DailyRun(dash_config).get_daily_run_enabled()
    assert isinstance(caught.value, NoDailyRunSetting)


def test_a_start_and_a_start_while_it_runs(dash_config):
    daily = DailyRun(dash_config)
    first, second = daily.start_execution(), daily.start_execution()
    assert (first.started, second.started) == (True, False)
    assert second.running_execution.name == first.execution_name
    assert second.to_dict()["runningExecution"]["name"] == first.execution_name


def test_the_history_in_each_mode(dash_config):
    daily, modes = DailyRun(dash_config), DailyRun.GetDailyRunExecutionMode
    assert daily.get_execution_info(modes.LATEST) is None
    assert daily.get_execution_info().executions == []
    started = daily.start_execution()
    assert daily.get_execution_info(modes.LATEST).name == started.execution_name
    assert [run.name for run in daily.get_execution_info(limit=1).executions] == [started.execution_name]


def test_the_default_mode_is_sent(fake_dash, dash_config):
    DailyRun(dash_config).get_execution_info()
    [entry] = [entry for entry in fake_dash.requests if entry.operation == "daily_run_history"]
    assert "mode=list" in entry.target
    assert "limit" not in entry.target


@pytest.mark.parametrize("mode", ["list", "latest", 1, DailyRun])
def test_a_mode_that_is_no_member_is_a_value_error(fake_dash, dash_config, mode):
    with pytest.raises(ValueError, match="GetDailyRunExecutionMode"):
        DailyRun(dash_config).get_execution_info(mode=mode)
    assert sent(fake_dash) == []


@pytest.mark.parametrize("limit", [0, 201, -1, 1.5, "10", True])
def test_a_limit_out_of_range_is_a_value_error(fake_dash, dash_config, limit):
    with pytest.raises(ValueError, match="1 to 200"):
        DailyRun(dash_config).get_execution_info(limit=limit)
    assert sent(fake_dash) == []


def test_a_missing_scope_is_found_before_the_call(fake_dash, dash_config):
    fake_dash.organisation.the_user().scopes = ("query:read", "dailyrun:execution:write")
    daily = DailyRun(dash_config)
    with pytest.raises(UnAuthenticatedException, match="dailyrun:execution:read"):
        daily.get_execution_info()
    assert sent(fake_dash) == []
    assert daily.start_execution().started


def test_a_missing_audience_is_found_before_the_call(fake_dash, dash_config):
    fake_dash.organisation.the_user().audiences = ("account",)
    with pytest.raises(UnAuthenticatedException, match="dash_api"):
        DailyRun(dash_config).get_daily_run_enabled()
    assert sent(fake_dash) == []


# where they are


@pytest.fixture
def _no_overrides(monkeypatch):
    for name in ("COMOTION_API_URL", "COMOTION_DAILY_RUN_URL", "COMOTION_ZONE", "COMOTION_ISSUER"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_no_overrides")
def test_zone_and_suffix_never_change_the_other_s_host():
    config = DashConfig(Auth("my_org"), zone="eu", dns_suffix="comodash.com")
    assert config.host == "https://eu.my_org.api.comodash.io/v2"
    assert config.daily_run_host_url == "https://api.my_org.comodash.com/superset"
    assert (config.orgname, config.zone, config.auth.orgname) == ("my_org", "eu", "my_org")


@pytest.mark.usefixtures("_no_overrides")
def test_the_main_zone_is_no_zone():
    assert DashConfig(Auth("my_org")).zone is None
    assert DashConfig(Auth("my_org"), zone="").host == "https://my_org.api.comodash.io/v2"


def test_a_zone_left_out_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("COMOTION_ZONE", "af")
    assert DashConfig(Auth("my_org")).zone == "af"
    assert DashConfig(Auth("my_org"), zone="eu").zone == "eu"


@pytest.mark.parametrize(
    "wrong", [{"zone": "a.b"}, {"zone": "eu/"}, {"dns_suffix": "evil.example"}, {"dns_suffix": ""}]
)
def test_nothing_can_change_the_host_that_a_token_goes_to(wrong):
    with pytest.raises(ValueError):
        DashConfig(Auth("my_org"), **wrong)


@pytest.mark.parametrize("auth", [None, "my_org", Auth])
def test_an_auth_is_needed(auth):
    with pytest.raises(TypeError, match="Auth"):
        DashConfig(auth)


def test_a_configuration_shows_no_secret():
    auth = Auth("my_org", entity_type=Auth.APPLICATION, application_client_id="id", application_client_secret="hush")
    assert "hush" not in repr(DashConfig(auth)) + repr(auth)


def test_a_configuration_can_be_sent_to_another_process():
    config = DashConfig(Auth("my_org"), zone="eu", dns_suffix="comodash.com")
    twin = pickle.loads(pickle.dumps(config))
    assert (twin.host, twin.daily_run_host_url) == (config.host, config.daily_run_host_url)


def test_a_copied_configuration_of_a_fake_stays_with_the_fake(dash_config, fake_dash):
    Migration(copy.deepcopy(dash_config)).status()
    assert sent(fake_dash) == ["migration_status"]

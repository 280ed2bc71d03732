"""Settings: which place wins, and that a wrong value is named with the place it stands in."""

import pytest

from comotion.composition.settings import Settings, config_path, read_config, resolve, write_config
from comotion.domain.errors import InvalidArgument


def in_file(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return {"COMOTION_CONFIG": str(path)}


def test_an_argument_wins_over_the_environment_and_the_file(tmp_path):
    environ = {**in_file(tmp_path, 'orgname = "filed"'), "COMOTION_ORGNAME": "surrounding"}
    assert resolve({"orgname": "given"}, environ=environ, read_file=True).orgname == "given"


def test_the_environment_wins_over_the_file(tmp_path):
    environ = {**in_file(tmp_path, 'orgname = "filed"'), "COMOTION_ORGNAME": "surrounding"}
    settings = resolve({}, environ=environ, read_file=True)
    assert (settings.orgname, settings.origin("orgname")) == (
        "surrounding",
        "environment variable COMOTION_ORGNAME",
    )


def test_the_file_wins_over_the_default(tmp_path):
    environ = in_file(tmp_path, 'issuer = "https://id.example.com"')
    settings = resolve({}, environ=environ, read_file=True)
    assert settings.issuer == "https://id.example.com"
    assert settings.origin("issuer") == f"file {tmp_path / 'config.toml'}"


def test_the_library_does_not_read_the_file(tmp_path):
    assert resolve({}, environ=in_file(tmp_path, 'orgname = "filed"')).orgname is None


def test_what_nothing_sets_is_the_default():
    settings = resolve({}, environ={})
    assert settings.issuer == "https://auth.comotion.us"
    assert settings.origin("issuer") == "default"


def test_an_empty_variable_is_not_set():
    assert resolve({}, environ={"COMOTION_ORGNAME": ""}).orgname is None


def test_names_left_out_are_not_looked_up():
    environ = {"COMOTION_CLIENT_ID": "app"}
    assert resolve({}, environ=environ, leave_out=frozenset({"client_id"})).client_id is None


def test_a_wrong_value_of_the_environment_is_named_with_its_variable():
    with pytest.raises(InvalidArgument, match=r"no zone.*COMOTION_ZONE"):
        resolve({}, environ={"COMOTION_ZONE": "a.b"})


def test_a_wrong_argument_is_named_without_more():
    with pytest.raises(InvalidArgument, match="no zone") as caught:
        resolve({"zone": "a.b"}, environ={})
    assert "from" not in str(caught.value)


@pytest.mark.parametrize("name", ["part_bytes", "max_workers"])
@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_count_is_a_whole_number(name, value):
    with pytest.raises(InvalidArgument, match="whole number"):
        resolve({}, environ={f"COMOTION_{name.upper()}": value})


@pytest.mark.parametrize("value", [0, 1.9, True, [4]])
def test_a_count_that_is_given_is_not_rounded_and_is_named(value):
    with pytest.raises(InvalidArgument, match="max_workers is a whole number of at least 1"):
        resolve({"max_workers": value}, environ={})


def test_a_setting_that_there_is_not_is_refused():
    with pytest.raises(InvalidArgument, match=r"'zoen' is no setting.*zone"):
        resolve({"orgname": "my_org", "zoen": "eu"}, environ={})


@pytest.mark.parametrize(("name", "value"), [("object_store", "ftp"), ("compression", "lzo"), ("dns_suffix", "x.y")])
def test_a_choice_is_one_of_those_known(name, value):
    with pytest.raises(InvalidArgument, match=f"{name} is one of"):
        Settings(**{name: value})


def test_the_s3_endpoint_is_the_specific_variable_else_the_general_one():
    both = {"AWS_ENDPOINT_URL_S3": "http://localhost:1", "AWS_ENDPOINT_URL": "http://localhost:2"}
    assert resolve({}, environ=both).s3_endpoint == "http://localhost:1"
    assert resolve({}, environ={"AWS_ENDPOINT_URL": "http://localhost:2"}).s3_endpoint == "http://localhost:2"


def test_a_secret_does_not_show():
    assert "s3cret" not in repr(resolve({"client_secret": "s3cret"}, environ={}))


def test_a_written_file_is_read_back(tmp_path):
    path = tmp_path / "deep" / "config.toml"
    write_config(path, {"orgname": "my_org", "issuer": "https://id.example.com"})
    assert read_config(path) == {"orgname": "my_org", "issuer": "https://id.example.com"}


def test_no_file_holds_no_settings(tmp_path):
    assert read_config(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("orgname = ", "cannot read"),
        ('client_secret = "x"', "'client_secret' is no setting"),
        ("zone = 5", "text in quotes"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, said):
    environ = in_file(tmp_path, text)
    with pytest.raises(InvalidArgument, match=said) as caught:
        resolve({}, environ=environ, read_file=True)
    assert "config.toml" in str(caught.value)


def test_the_platform_names_the_files_place_when_nothing_else_does():
    assert config_path({}).name == "config.toml"

"""Endpoints: names and URLs that cannot change where a token goes."""

import pytest

from comotion.domain.endpoints import Realm, api_url, daily_run_url, parse_base_url, segment
from comotion.domain.errors import InvalidName


@pytest.mark.parametrize("org", ["a", "my_org_name", "Org-1", "9x"])
def test_an_organisation_makes_its_hosts(org):
    assert api_url(org) == f"https://{org}.api.comodash.io/v2"
    assert daily_run_url(org) == f"https://api.{org}.comodash.io/superset"
    assert Realm(org=org).token_url == f"https://auth.comotion.us/auth/realms/{org}/protocol/openid-connect/token"


@pytest.mark.parametrize("org", ["", "-a", "a-", "_a", "a.b", "a/b", "a@b", "a b", "a\n", "é", "evil.com#", None, 5])
def test_a_name_that_could_change_the_host_is_refused(org):
    for make in (api_url, daily_run_url, lambda name: Realm(org=name), lambda name: api_url("org", name or "")):
        with pytest.raises(InvalidName):
            make(org)


def test_a_zone_stands_before_the_organisation():
    assert api_url("org", "zone1") == "https://zone1.org.api.comodash.io/v2"


def test_the_daily_run_knows_two_suffixes():
    assert daily_run_url("org", "comodash.com") == "https://api.org.comodash.com/superset"
    with pytest.raises(InvalidName, match=r"comodash\.io, comodash\.com"):
        daily_run_url("org", "comodash.net")


@pytest.mark.parametrize(
    "url",
    [
        "https://auth.example.com",
        "https://host:8443/base",
        "http://localhost:80",
        "http://127.0.0.1:1",
        "http://[::1]:9",
    ],
)
def test_a_plain_base_url_is_taken_without_its_last_slash(url):
    assert parse_base_url("issuer", url + "/") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "ftp://example.com",
        "example.com",
        "https://",
        "https://user:pw@example.com",
        "https://example.com?x=1",
        "https://example.com/?",
        "https://example.com#f",
        "https://exa mple.com",
        "https://example.com\\@evil.com",
        "https://example.com:port",
        "https://[::1",
        "http://localhost.evil.com",
        "https://exämple.com",
        None,
        5,
    ],
)
def test_any_other_base_url_is_refused(url):
    with pytest.raises(InvalidName, match="no issuer"):
        parse_base_url("issuer", url)


def test_a_refused_url_does_not_show_its_password():
    with pytest.raises(InvalidName) as caught:
        parse_base_url("issuer", "https://user:s3cret@example.com")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("identifier", "path"),
    [("7f", "7f"), ("a/b", "a%2Fb"), ("..", "%2E%2E"), (".", "%2E"), ("a b?", "a%20b%3F"), (5, "5")],
)
def test_an_id_is_one_path_segment(identifier, path):
    assert segment(identifier) == path


@pytest.mark.parametrize("identifier", ["", None])
def test_an_empty_id_is_refused(identifier):
    with pytest.raises(InvalidName, match="empty"):
        segment(identifier)


def test_a_realm_knows_its_pages():
    realm = Realm(org="org", issuer="https://id.example.com/")
    assert realm.authorise_url == "https://id.example.com/auth/realms/org/protocol/openid-connect/auth"
    assert realm.logout_url.endswith("/protocol/openid-connect/logout")
    assert realm.account_url == "https://id.example.com/auth/realms/org/account"

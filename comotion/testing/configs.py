"""Clients of a fake Dash: the published configuration, signed in, wired to a world in process or over sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import evolve

from comotion.auth import Auth
from comotion.domain.endpoints import DEFAULT_ISSUER, V1_URL

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.world import World
    from comotion.composition.sign_in import World as Surroundings
    from comotion.facade.config import DashConfig


class SignedIn:
    """A credentials cache in memory that somebody has signed in to."""

    def __init__(self, username: str, refresh_token: str) -> None:
        self._username, self._token = username, refresh_token

    def get_current_user(self) -> str | None:
        return self._username

    def get_refresh_token(self) -> str | None:
        return self._token

    def set_refresh_token(self, username: str, token: str) -> None:
        self._username, self._token = username, token


def _auth(
    world: World,
    organisation: Organisation,
    *,
    issuer: str,
    as_application: bool,
    surroundings: Surroundings | None,
) -> Auth:
    if as_application:
        application = organisation.the_application()
        return Auth(
            organisation.name,
            issuer,
            entity_type=Auth.APPLICATION,
            application_client_id=application.client_id,
            application_client_secret=application.client_secret,
            world=surroundings,
        )
    return Auth(organisation.name, issuer, _signed_in(world, organisation), world=surroundings)


def _signed_in(world: World, organisation: Organisation) -> Callable[[str, str], SignedIn]:
    """What makes a credentials cache that the organisation's first user has signed in to."""
    user = organisation.the_user().name
    return lambda issuer, org: SignedIn(user, world.sign_in(organisation.name))


def config_in_process(
    world: World,
    organisation: Organisation,
    surroundings: Surroundings,
    *,
    as_application: bool = False,
    zone: str | None = None,
) -> DashConfig:
    """A connection whose requests go straight to ``world``, whatever the environment variables say."""
    from comotion.dash import DashConfig

    auth = _auth(world, organisation, issuer=DEFAULT_ISSUER, as_application=as_application, surroundings=surroundings)
    usual = {"api_url": None, "v1_url": V1_URL, "daily_run_url": None, "s3_endpoint": None}
    return DashConfig(_pointed(auth, **usual, object_store="presigned"), zone=zone)


def config_over_sockets(
    world: World, organisation: Organisation, url: str, *, as_application: bool = False
) -> DashConfig:
    """A connection to the server at ``url``, with the adapters that production uses."""
    from comotion.dash import DashConfig

    auth = _auth(world, organisation, issuer=url, as_application=as_application, surroundings=None)
    there = {"api_url": f"{url}/v2", "v1_url": f"{url}/v1", "daily_run_url": f"{url}/superset", "s3_endpoint": url}
    return DashConfig(_pointed(auth, **there, object_store="s3"))


def _pointed(auth: Auth, **settings: Any) -> Auth:
    """``auth`` with these settings and no zone, whatever the environment variables say."""
    auth.sign_in = evolve(auth.sign_in, settings=evolve(auth.sign_in.settings, zone=None, **settings))
    return auth

"""DashConfig: which organisation, zone and daily-run suffix, as whom."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import evolve

from comotion.domain.endpoints import DEFAULT_DNS_SUFFIX, api_url, daily_run_url

if TYPE_CHECKING:
    from comotion.composition.wiring import Wiring
    from comotion.facade.auth import Auth


class DashConfig:
    """A connection to one organisation's Dash.

    Parameters
    ----------
    auth : Auth
        Who asks, and of which organisation.
    zone : str, optional
        A data zone; left out, the environment variable COMOTION_ZONE, else the main zone.
    dns_suffix : str
        ``"comodash.io"`` (eu-west-1) or ``"comodash.com"`` (us-east-1): where the daily run is. It never
        changes the host of loads and queries, and the zone never changes the daily run's.

    Raises
    ------
    TypeError
        ``auth`` is no Auth.
    ValueError
        A zone or suffix that cannot be part of a host name.

    Notes
    -----
    Source: dash-api, sections 2 and 4. Nothing is sent; a token is asked for with the first call.

    Examples
    --------
    >>> from comotion.dash import Auth, DashConfig
    >>> DashConfig(Auth("my_org_name"), zone="eu").host
    'https://eu.my_org_name.api.comodash.io/v2'
    """

    def __init__(self, auth: Auth, zone: str | None = None, dns_suffix: str = DEFAULT_DNS_SUFFIX) -> None:
        from comotion.facade.auth import Auth

        if not isinstance(auth, Auth):
            raise TypeError(f"auth must be an Auth, such as Auth('my_org_name'), not {type(auth).__name__}")
        self._auth = auth
        self._settings = evolve(auth.sign_in.settings, zone=zone or auth.sign_in.settings.zone, dns_suffix=dns_suffix)

    @cached_property
    def wiring(self) -> Wiring:
        """What the classes of this door are driven by."""
        from comotion.composition.wiring import Wiring

        return Wiring(sign_in=self._auth.sign_in, tokens=self._auth.tokens, settings=self._settings)

    @property
    def auth(self) -> Auth:
        """Who asks."""
        return self._auth

    @property
    def orgname(self) -> str:
        """The organisation."""
        return self._auth.orgname

    @property
    def zone(self) -> str | None:
        """The data zone, or None for the main one."""
        return self._settings.zone

    @property
    def host(self) -> str:
        """Base URL of loads, queries and migrations."""
        return self._settings.api_url or api_url(self.orgname, self.zone)

    @property
    def daily_run_host_url(self) -> str:
        """Base URL of the daily run."""
        return self._settings.daily_run_url or daily_run_url(self.orgname, self._settings.dns_suffix)

    def __copy__(self) -> DashConfig:
        return self  # nothing of it changes

    def __deepcopy__(self, memo: object) -> DashConfig:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return DashConfig, (self._auth, self.zone, self._settings.dns_suffix)

    def __repr__(self) -> str:
        zone = f", zone={self.zone!r}" if self.zone else ""
        return f"DashConfig(orgname={self.orgname!r}{zone}, host={self.host!r})"


def checked(config: object) -> DashConfig:
    """A configuration as a published class takes it. Raises TypeError."""
    if not isinstance(config, DashConfig):
        given = "the class itself" if config is DashConfig else type(config).__name__
        raise TypeError(f"config must be a DashConfig, such as DashConfig(Auth('my_org_name')), not {given}")
    return config

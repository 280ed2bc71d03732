"""What every command shares: the settings of this call, and the client made of them when one is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from attrs import define, evolve, field

from comotion.cli import output

if TYPE_CHECKING:
    from comotion.auth import Auth
    from comotion.composition.settings import Settings
    from comotion.dash import DashConfig


@define
class Session:
    """One call of the command line. Prompts for what is missing only when a command needs it."""

    given: Mapping[str, str | None]
    _settings: Settings | None = field(default=None, init=False)

    def settings(self) -> Settings:
        """Options, then environment, then the configuration file, then defaults; no orgname is asked for."""
        if self._settings is None:
            from comotion.composition.settings import resolve
            from comotion.domain.errors import InvalidArgument

            try:
                self._settings = resolve(self.given, read_file=True)
            except InvalidArgument as wrong:
                raise click.UsageError(str(wrong)) from None
        return self._settings

    def orgname(self) -> str:
        """The organisation, asked for on standard error, once, where nothing names it."""
        settings = self.settings()
        if settings.orgname is None:
            origins = {**settings.origins, "orgname": "asked for"}
            try:
                self._settings = settings = evolve(settings, orgname=output.ask("Orgname"), origins=origins)
            except click.Abort as unanswered:
                if isinstance(unanswered.__context__, KeyboardInterrupt):
                    raise
                raise click.ClickException("no orgname: pass -o, or set COMOTION_ORGNAME") from None
        return str(settings.orgname)

    def auth(self) -> Auth:
        """The application that the settings name, else the user who is signed in."""
        from comotion.auth import Auth

        settings = self.settings()
        if bool(settings.client_id) != bool(settings.client_secret):
            raise click.UsageError(
                "an application has both --client-id and --client-secret (COMOTION_CLIENT_ID, COMOTION_CLIENT_SECRET)"
            )
        if settings.client_id:
            return Auth(
                self.orgname(),
                settings.issuer,
                entity_type=Auth.APPLICATION,
                application_client_id=settings.client_id,
                application_client_secret=settings.client_secret,
            )
        return self.user()

    def user(self) -> Auth:
        """The user, also where the settings name an application."""
        from comotion.auth import Auth

        return Auth(self.orgname(), self.settings().issuer)

    def config(self, dns_suffix: str | None = None) -> DashConfig:
        """The connection that commands under ``dash`` use."""
        from comotion.dash import DashConfig

        settings = self.settings()
        return DashConfig(self.auth(), zone=settings.zone, dns_suffix=dns_suffix or settings.dns_suffix)


pass_session = click.make_pass_decorator(Session)

"""A fake Dash behind a loopback server, and everything that a client of it must be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from comotion.adapters.fake_dash.addresses import names_of
from comotion.adapters.fake_dash.server import FakeServer

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.world import World
    from comotion.facade.config import DashConfig

CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CA_BUNDLE")


@frozen(kw_only=True)
class ServedDash:
    """A running server.

    Attributes
    ----------
    url : str
        Its base URL.
    authority : Path or None
        The certificate of the authority that a client must trust, where it speaks TLS.
    """

    url: str
    authority: Path | None = None
    _world: World = field(repr=False)
    _organisation: Organisation = field(repr=False)

    def config(self, org: str | None = None, *, as_application: bool = False) -> DashConfig:
        """A signed-in connection over sockets, with the adapters that production uses."""
        from comotion.testing.configs import config_over_sockets

        organisation = self._world.add_organisation(org or self._organisation.name)
        return config_over_sockets(self._world, organisation, self.url, as_application=as_application)

    def facts(self) -> dict[str, str]:
        """What a program in any language needs, by name; tokens and keys of the fake included."""
        organisation, keys = self._organisation, self._world.credentials.lasting
        user, application = organisation.the_user(), organisation.the_application()
        facts = {
            "url": self.url,
            "org": organisation.name,
            "user": user.name,
            "password": user.password,
            "refresh_token": self._world.sign_in(organisation.name, issuer=self.url),
            "client_id": application.client_id,
            "client_secret": application.client_secret,
            "api_key": organisation.the_api_key(),
            "s3_endpoint": self.url,
            "bucket": organisation.bucket,
            "region": organisation.region,
            "aws_access_key_id": keys.access_key_id,
            "aws_secret_access_key": keys.secret_access_key,
        }
        return facts if self.authority is None else {**facts, "authority": str(self.authority)}

    def environment(self) -> dict[str, str]:
        """The environment variables that point this library, and any S3 client, here."""
        facts = self.facts()
        variables = {
            "COMOTION_ORGNAME": facts["org"],
            "COMOTION_ISSUER": self.url,
            "COMOTION_API_URL": f"{self.url}/v2",
            "COMOTION_V1_URL": f"{self.url}/v1",
            "COMOTION_DAILY_RUN_URL": f"{self.url}/superset",
            "COMOTION_CLIENT_ID": facts["client_id"],
            "COMOTION_CLIENT_SECRET": facts["client_secret"],
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": facts["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": facts["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": facts["region"],
        }
        trusting = {} if self.authority is None else dict.fromkeys(CA_BUNDLES, str(self.authority))
        return {**variables, **trusting}


@contextmanager
def served(
    world: World, organisation: Organisation, *, port: int, host: str, tls: bool, others: Mapping[str, World]
) -> Iterator[ServedDash]:
    """Serve ``world`` until the block ends."""
    with ExitStack() as stack:
        authority = certificate = None
        if tls:
            from comotion.adapters.fake_dash.throwaway_tls import certificates

            everybody = [one for each in (world, *others.values()) for one in each.organisations.values()]
            names = dict.fromkeys(name for one in everybody for name in names_of(one))
            files = stack.enter_context(certificates(names))
            authority, certificate = files.authority, (files.certificate, files.key)
        server = stack.enter_context(FakeServer(world, others=others, port=port, host=host, certificate=certificate))
        yield ServedDash(url=server.url, authority=authority, world=world, organisation=organisation)

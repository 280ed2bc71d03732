"""``comotion init`` and the values that scripts ask for."""

import click

from comotion.cli import output
from comotion.cli.session import Session, pass_session


@click.command()
@pass_session
def init(session: Session) -> None:
    """Write the configuration file.

    It holds the orgname, and zone and issuer where they are not the default.
    """
    from comotion.composition.settings import Settings, config_path, resolve, write_config
    from comotion.domain.endpoints import DEFAULT_ISSUER

    known = resolve(session.given, read_file=True)
    chosen = Settings(orgname=session.orgname(), zone=known.zone, issuer=known.issuer)
    values = {"orgname": chosen.orgname, "zone": chosen.zone}
    if chosen.issuer != DEFAULT_ISSUER:
        values["issuer"] = chosen.issuer
    path = config_path()
    write_config(path, {name: value for name, value in values.items() if value})
    output.prose(f"Wrote {path}. Next: comotion authenticate")


@click.command("get-issuer")
@pass_session
def get_issuer(session: Session) -> None:
    """Print the issuer."""
    output.data(session.settings().issuer)


@click.command("get-access-token")
@pass_session
def get_access_token(session: Session) -> None:
    """Print an access token."""
    output.data(session.auth().get_access_token())


@click.command("get-current-user")
@pass_session
def get_current_user(session: Session) -> None:
    """Print the user whose sign-in is kept."""
    from comotion.domain.errors import SignInNeeded

    auth = session.auth()
    user = auth.credentials_cache.get_current_user()
    if user is None:
        raise SignInNeeded(f"nobody is signed in to {auth.orgname}: run `comotion authenticate`")
    output.data(user)


COMMANDS = (init, get_issuer, get_access_token, get_current_user)

"""``comotion authenticate``, ``logout``, ``auth-status``: who is signed in."""

import sys

import click

from comotion.cli import output
from comotion.cli.session import Session, pass_session


@click.command()
@click.option("--no-browser", is_flag=True, help="Only print the address; open it where you like.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300, show_default=True, help="Seconds to wait.")
@pass_session
def authenticate(session: Session, no_browser: bool, timeout: float) -> None:
    """Sign in through a browser.

    The sign-in is kept in the keyring, or in the file that COMOTION_CREDENTIALS_FILE names. Where the browser is on
    another machine, such as over SSH, paste the address that it ends at.
    """
    auth = session.user()
    user = auth.authenticate(
        open_browser=not no_browser,
        say=output.prose,
        read_line=_pasted if no_browser or output.is_typed() else None,
        timeout_s=timeout,
    )
    output.data(f"Signed in to {auth.orgname} as {user} ({auth.issuer})")


def _pasted() -> str:
    return sys.stdin.readline() if sys.stdin is not None else ""


@click.command()
@pass_session
def logout(session: Session) -> None:
    """Sign out, here and at the identity service."""
    auth = session.user()
    user = auth.sign_in.sign_out()
    output.data(f"Signed out {user} of {auth.orgname}" if user else f"Nobody was signed in to {auth.orgname}")


@click.command("auth-status")
@pass_session
def auth_status(session: Session) -> None:
    """Print who is signed in.

    Also until when, with which scopes, and where each setting came from.
    """
    auth, settings = session.auth(), session.settings()
    output.data(f"Organisation: {auth.orgname} ({settings.origin('orgname')})")
    output.data(f"Issuer: {auth.issuer} ({settings.origin('issuer')})")
    output.data(f"Zone: {settings.zone or 'none'} ({settings.origin('zone')})")
    if auth.entity_type == auth.USER:
        output.data(f"Kept in: {settings.credentials_file or 'keyring'} ({settings.origin('credentials_file')})")
        if auth.sign_in.credentials.get_current_user() is None:
            output.data("Signed in as: nobody; run `comotion authenticate`")
            return
    status = auth.sign_in.status()
    output.data(f"Signed in as: {status.who}{' (application)' if status.is_application else ''}")
    output.data(f"Access token expires: {status.expires_at.isoformat() if status.expires_at else 'unknown'}")
    output.data(f"Scopes: {' '.join(status.scopes) or 'none'}")


COMMANDS = (authenticate, logout, auth_status)

"""``comotion authenticate``, ``logout``, ``auth-status``: who is signed in."""

import click

from comotion.cli import output
from comotion.cli.session import Session, pass_session


@click.command()
@click.option(
    "--no-browser", is_flag=True, help="Only print the address; paste the redirect back (works over SSH)."
)
@click.option("--timeout", type=click.FloatRange(min=1), default=300, show_default=True, help="Seconds to wait.")
@pass_session
def authenticate(session: Session, no_browser: bool, timeout: float) -> None:
    """Sign in through a browser and keep the sign-in in the keyring."""
    auth = session.auth()
    user = auth.sign_in(
        open_browser=not no_browser,
        paste=(lambda: click.prompt("Paste the address that the browser ends at", err=True))
        if no_browser
        else None,
        say=output.prose,
        timeout_s=timeout,
    )
    output.data(f"Signed in to {auth.orgname} at {auth.issuer} as {user}")


@click.command()
@pass_session
def logout(session: Session) -> None:
    """End the sign-in at the service and forget it here."""
    auth = session.auth()
    user = auth.sign_out()
    output.data(f"Signed out {user} of {auth.orgname}" if user else f"Nobody was signed in to {auth.orgname}")


@click.command("auth-status")
@pass_session
def auth_status(session: Session) -> None:
    """Print who is signed in, where, until when, with which scopes, and where each setting came from."""
    settings, auth = session.settings(), session.auth()
    status = auth.status()
    output.data(f"Organisation: {auth.orgname} ({settings.origin('orgname')})")
    output.data(f"Issuer: {auth.issuer} ({settings.origin('issuer')})")
    output.data(f"Zone: {settings.zone or 'none'} ({settings.origin('zone')})")
    output.data(f"Signed in as: {status.who or 'nobody'} ({status.kept_in})")
    output.data(f"Access token expires: {status.expires_at or 'unknown'}")
    output.data(f"Scopes: {' '.join(sorted(status.scopes)) or 'none'}")


COMMANDS = (authenticate, logout, auth_status)

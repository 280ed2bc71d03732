"""``comotion fake``: a fake Dash for programs in any language."""

from __future__ import annotations

import shlex
import time
from contextlib import suppress
from pathlib import Path

import click

from comotion.cli import output


@click.group()
def fake() -> None:
    """A fake Dash on this machine."""


@fake.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on loopback; any free one by default.")
@click.option("--org", default="my_org", show_default=True, help="Organisation that it serves.")
@click.option("--auto-login", is_flag=True, help="The log-in page signs in at once.")
@click.option("--directory", type=click.Path(file_okay=False), help="Keep the world here, across runs.")
@click.option("--tls", is_flag=True, help="Speak TLS, with a throw-away authority (needs the package cryptography).")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="COMOTION_FAKE_SERVE_JSON",
    help="Print one line of JSON instead of the environment.",
)
def serve(port: int, org: str, auto_login: bool, directory: str | None, tls: bool, as_json: bool) -> None:
    """Serve until interrupted, and print what a client must be told.

    Paste the lines that it prints into another terminal, or let a script read them from a file; there, every command
    and every script finds the fake, with somebody signed in. On Windows, take --json.
    """
    from tempfile import TemporaryDirectory

    from comotion.testing import FakeDash

    if directory is not None:
        Path(directory).mkdir(parents=True, exist_ok=True)  # what cannot be is said before anything is served
    with (
        suppress(KeyboardInterrupt),
        FakeDash(org=org, directory=None if directory is None else Path(directory)) as world,
        world.serve(port=port, auto_login=auto_login, tls=tls) as server,
        TemporaryDirectory(prefix="fake-dash-sign-in-") as folder,
    ):
        facts = server.facts()
        if as_json:
            output.data_json(facts)
        else:
            credentials = Path(folder) / "credentials"
            _sign_in(facts, credentials)
            variables = {**server.environment(), "COMOTION_CREDENTIALS_FILE": str(credentials)}
            lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
            output.data("\n".join(lines))  # all at once: a file that holds something holds everything
            output.prose(f"Serving a fake Dash at {server.url} to every shell with these variables; Ctrl-C stops it")
            output.prose(f"Its log-in page takes {facts['user']} with the password {facts['password']}")
            output.prose(f"Data model v1 takes the API key {facts['api_key']}")
        output.prose(f"Its console, for a browser: {server.url}/console")
        while True:
            time.sleep(60)  # unlike a lock, sleep hears Ctrl-C on Windows


def _sign_in(facts: dict[str, str], path: Path) -> None:
    """Leave the sign-in of the fake's user where ``Auth`` looks for it."""
    from comotion.composition import Settings, SignInWiring

    settings = Settings(orgname=facts["org"], issuer=facts["url"], credentials_file=path)
    SignInWiring(settings=settings).credentials.set_refresh_token(facts["user"], facts["refresh_token"])


COMMANDS = (fake,)

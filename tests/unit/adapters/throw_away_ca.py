"""A certificate authority for one test, and a TLS server's certificate signed by it."""

import shutil
import ssl
from pathlib import Path

from comotion.adapters.fake_dash.throwaway_tls import certificates


def make(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The CA's certificate as a PEM file, and a server context for 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with certificates() as made:
        context.load_cert_chain(made.certificate, made.key)
        return Path(shutil.copy(made.authority, folder / "ca.pem")), context

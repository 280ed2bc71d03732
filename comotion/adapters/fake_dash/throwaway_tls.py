"""A certificate for loopback and the service's names, signed by an authority that lives as long as the server."""

import datetime as dt
import ipaddress
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from comotion.domain.errors import ExtraMissing

NAMES = ("localhost", "*.localhost")
ADDRESSES = ("127.0.0.1", "::1")


@frozen(kw_only=True)
class Certificates:
    """PEM files: what the server shows, its key, and what a client must trust."""

    certificate: Path
    key: Path
    authority: Path


@contextmanager
def certificates(names: Iterable[str] = ()) -> Iterator[Certificates]:
    """Make them in a temporary folder that goes with the block. Raises ExtraMissing without cryptography.

    Parameters
    ----------
    names : iterable of str
        Host names that the server goes by, besides loopback's own.
    """
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError:
        raise ExtraMissing("a fake Dash speaks TLS only with the package cryptography installed") from None
    now = dt.datetime.now(dt.UTC)
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def begun(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("fake Dash authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )

    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = (
        begun("fake Dash authority", authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in (*NAMES, *names)]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
    shown = (
        begun("localhost", server_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    with tempfile.TemporaryDirectory(prefix="fake-dash-tls-") as folder:
        files = Certificates(
            certificate=Path(folder) / "server.pem",
            key=Path(folder) / "server.key",
            authority=Path(folder) / "authority.pem",
        )
        files.certificate.write_bytes(shown.public_bytes(serialization.Encoding.PEM))
        files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        files.key.touch(mode=0o600)
        files.key.write_bytes(
            server_key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        yield files

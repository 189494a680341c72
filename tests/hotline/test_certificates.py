"""Certificates for a pilot."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from hotline import certificates

NOW = datetime.now(UTC)


def test_a_browser_that_trusts_the_authority_trusts_the_server(tmp_path: Path) -> None:
    server = certificates.ensure(tmp_path, NOW)
    authority = x509.load_pem_x509_certificate((tmp_path / "authority.crt").read_bytes())
    x509.load_pem_x509_certificate(server.read_bytes()).verify_directly_issued_by(authority)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server)


def test_a_second_call_changes_nothing(tmp_path: Path) -> None:
    first = certificates.ensure(tmp_path, NOW).read_bytes()
    assert certificates.ensure(tmp_path, NOW).read_bytes() == first


def test_a_certificate_near_its_end_is_renewed_under_the_same_authority(tmp_path: Path) -> None:
    first = certificates.ensure(tmp_path, NOW - timedelta(days=390)).read_bytes()
    authority = (tmp_path / "authority.crt").read_bytes()
    assert certificates.ensure(tmp_path, NOW).read_bytes() != first
    assert (tmp_path / "authority.crt").read_bytes() == authority


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    certificates.ensure(tmp_path, NOW)
    assert {
        path.stat().st_mode & 0o077 for path in (tmp_path / "server.pem", tmp_path / "authority.key")
    } == {0}

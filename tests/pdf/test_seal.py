"""The operator's seal: made once, holds, and every way to change a sealed file is seen."""

import hashlib
import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from asn1crypto import keys, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from portal import seal as portal_seal
from portal.seal import SealError, TimestampUnavailable, check, ensure_key, load_key, seal, sign_bytes, verify_bytes
from tests.pdf import tampering
from tests.pdf.conftest import PASSPHRASE
from tests.pdf.validator import verdicts

ROOT = Path(__file__).parents[2]


# -- The key ---------------------------------------------------------------------------------------


def test_key_is_made_once_and_private(key_path, now):
    """The key file is readable by its owner only, its folder too; a second start uses the same key."""
    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_path.parent.stat().st_mode) == 0o700
    before = key_path.read_bytes()
    key = ensure_key(key_path, PASSPHRASE, name="Another name", now=now + timedelta(days=400))
    assert key_path.read_bytes() == before
    assert "Example Council" in key.certificate.subject.rfc4514_string()
    assert key.certificate_pem == key_path.with_suffix(".pem").read_bytes()
    assert b"PRIVATE" not in key_path.with_suffix(".pem").read_bytes()


def test_key_is_p256_and_encrypted(key_path):
    """P-256; without the passphrase the key file opens for nobody, and the error says what is wrong."""
    key = load_key(key_path, PASSPHRASE)
    assert isinstance(key.private.curve, ec.SECP256R1)
    with pytest.raises(SealError, match="passphrase"):
        load_key(key_path, b"wrong")
    with pytest.raises(SealError, match="cannot be read"):
        load_key(key_path.with_name("missing.p12"), PASSPHRASE)


def test_wrong_passphrase_does_not_replace_the_key(key_path, now):
    """A wrong passphrase in the settings is an error, never a reason for a new key."""
    before = key_path.read_bytes()
    with pytest.raises(SealError):
        ensure_key(key_path, b"wrong", name="Example Council", now=now)
    assert key_path.read_bytes() == before


def test_eight_starts_at_once_agree_on_one_key(tmp_path, now):
    """Processes that start together all get the same key, and no draft of it is left."""
    path = tmp_path / "seal" / "seal.p12"

    def start(_number):
        return ensure_key(path, PASSPHRASE, name="Example Council", now=now).certificate_pem

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["seal.p12", "seal.pem"]


def test_killed_while_making_the_key(tmp_path, now):
    """Killed with -9 just before the key gets its name: the next start makes one; no half file is ever used."""
    path = tmp_path / "seal" / "seal.p12"
    script = (
        "import os, signal, sys, pathlib, datetime\n"
        "from portal import seal\n"
        "seal.os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "seal.ensure_key(pathlib.Path(sys.argv[1]), b'p', name='x', now=datetime.datetime.now(datetime.UTC))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()
    assert ensure_key(path, PASSPHRASE, name="Example Council", now=now).certificate_pem


def test_bytes_are_signed_with_the_same_key(key_path, certificate):
    """Ledger seals: a signature holds for its bytes and certificate, and for nothing else."""
    signature = sign_bytes(b"checkpoint 1", p12_path=key_path, passphrase=PASSPHRASE)
    assert verify_bytes(b"checkpoint 1", signature, certificate)
    assert not verify_bytes(b"checkpoint 2", signature, certificate)
    assert not verify_bytes(b"checkpoint 1", signature[:-1] + b"\x00", certificate)
    assert not verify_bytes(b"checkpoint 1", b"", certificate)


# -- A good seal -----------------------------------------------------------------------------------------


def test_seal_is_accepted_by_pyhanko_and_pdfsig(sealed, certificate, now):
    """pyHanko's bottom line is good; pdfsig says valid and that the total document is signed."""
    path = sealed("haringey", "sealed")
    report = check(path.read_bytes(), certificate, now=now)
    assert report.bottom_line
    assert report.intact
    assert report.covers_whole
    assert report.trusted
    assert "Example Council" in report.signer
    shown = pdfsig(path)
    assert "Signature is Valid" in shown
    assert "Total document signed" in shown
    assert "ETSI.CAdES.detached" in shown
    assert "Jul 28 2026" in shown


def test_seal_of_40_parties_is_checked_quickly_enough(sealed, certificate, now):
    """Repacked before sealing: the file of 40 parties has many object streams, and checks good."""
    data = sealed("large", "sealed").read_bytes()
    assert data.count(b"/ObjStm") > 5
    assert check(data, certificate, now=now).bottom_line


def test_seal_certifies_that_no_change_is_allowed(sealed):
    """DocMDP level 1: readers warn about any change."""
    data = sealed("haringey", "sealed").read_bytes()
    assert b"/DocMDP" in data
    assert b"/P 1" in data


# -- The tamper table ------------------------------------------------------------------------------------


def pdfsig(path):
    done = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.parametrize(
    "attack, says",
    [
        (tampering.flip_content_byte, "changed after it was sealed"),
        (tampering.append_page, "added to the file"),
        (tampering.annotate, "added to the file"),
        (tampering.replace_content, "added to the file"),
        (tampering.rewrite, "changed after it was sealed"),
        (tampering.remove_seal, "carries no seal"),
    ],
)
def test_every_change_is_seen(sealed, certificate, now, tmp_path, attack, says):
    """The bottom line of a changed file is bad, the reason says what happened, and pdfsig does not call it total."""
    good = sealed("haringey", "sealed").read_bytes()
    bad = attack(good)
    assert bad != good
    report = check(bad, certificate, now=now)
    assert not report.bottom_line
    assert says in report.reason
    path = tmp_path / "bad.pdf"
    path.write_bytes(bad)
    shown = pdfsig(path)
    assert not ("Signature is Valid" in shown and "\n  - Total document signed" in shown)


def test_page_appended_still_reads_valid_elsewhere(sealed, certificate, now, tmp_path):
    """Why "signature valid" alone never decides: pdfsig says so of a file with a page added; we say no."""
    path = tmp_path / "appended.pdf"
    path.write_bytes(tampering.append_page(sealed("haringey", "sealed").read_bytes()))
    assert "Signature is Valid" in pdfsig(path)
    assert not check(path.read_bytes(), certificate, now=now).bottom_line


def test_seal_of_another_key_with_the_same_name_is_not_trusted(made, certificate, now, tmp_path):
    """A rogue certificate with our very name: whole and valid in itself, but not ours."""
    rogue = tmp_path / "rogue" / "seal.p12"
    ensure_key(rogue, PASSPHRASE, name="Example Council", now=now)
    pdf = made("haringey", "sealed").read_bytes()
    report = check(seal(pdf, p12_path=rogue, passphrase=PASSPHRASE, now=now, reason="x"), certificate, now=now)
    assert not report.bottom_line
    assert report.intact
    assert not report.trusted
    assert "not made with the key" in report.reason


def test_byte_in_the_padding_is_seen_only_by_the_stored_hash(sealed, certificate, now):
    """A digit in the zero padding is outside the signature: the seal holds, the stored SHA-256 does not match."""
    good = sealed("haringey", "sealed").read_bytes()
    bad = tampering.touch_padding(good)
    assert len(bad) == len(good)
    assert sum(a != b for a, b in zip(good, bad, strict=True)) == 1
    assert check(bad, certificate, now=now).bottom_line
    assert hashlib.sha256(bad).digest() != hashlib.sha256(good).digest()


def test_two_seals_are_refused(sealed, key_path, certificate, now):
    """A sealed file is never sealed again: one seal, one revision."""
    with pytest.raises(SealError):
        seal(sealed("golden", "public").read_bytes(), p12_path=key_path, passphrase=PASSPHRASE, now=now, reason="x")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7\n",
        b"hello",
        b"\x00" * 5000,
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>",
    ],
)
def test_what_is_no_pdf_is_a_clear_answer(certificate, now, data):
    """Rubbish at /verify is an answer, not an error page."""
    report = check(data, certificate, now=now)
    assert not report.bottom_line
    assert report.reason


def test_damaged_files_never_raise(sealed, certificate, now):
    """Cut or flipped at fifty places, a sealed file is never good and never an exception."""
    good = sealed("golden", "public").read_bytes()
    step = len(good) // 25
    for place in range(step, len(good) - step, step):
        assert not check(good[:place], certificate, now=now).bottom_line
        flipped = good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :]
        padding = flipped[place - 1 : place] == b"0"
        assert padding or not check(flipped, certificate, now=now).bottom_line


def test_what_is_no_pdf_cannot_be_sealed(key_path, now):
    """Sealing rubbish is an error that says so."""
    with pytest.raises(SealError, match="could not be sealed"):
        seal(b"hello", p12_path=key_path, passphrase=PASSPHRASE, now=now, reason="x")


# -- Timestamp authority -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    """A timestamp authority (RFC 3161) over HTTP, with a certificate of its own: (address, PEM)."""
    private = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Timestamps of the tests")])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(private, hashes.SHA256())
    )
    pkcs8 = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamper = DummyTimeStamper(portal_seal._asn1(certificate), keys.PrivateKeyInfo.load(pkcs8))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            response = stamper.request_tsa_response(request).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(response)))
            self.end_headers()
            self.wfile.write(response)

        def log_message(self, *_arguments):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", certificate.public_bytes(serialization.Encoding.PEM)
    server.shutdown()
    server.server_close()


def test_seal_with_timestamp(made, key_path, certificate, authority, tmp_path):
    """With an authority the seal carries its time and the signer's validation data, in one revision."""
    address, root = authority
    moment = datetime.now(UTC)
    path = tmp_path / "stamped.pdf"
    path.write_bytes(
        seal(
            made("golden", "sealed").read_bytes(),
            p12_path=key_path,
            passphrase=PASSPHRASE,
            now=moment,
            reason="Sealed",
            tsa_url=address,
            tsa_roots=root,
        )
    )
    assert b"/DSS" in path.read_bytes()
    report = check(path.read_bytes(), certificate, now=datetime.now(UTC), tsa_roots=root)
    assert report.bottom_line
    assert report.covers_whole
    assert "Total document signed" in pdfsig(path)


@pytest.mark.pdfvalid
def test_stamped_file_is_still_valid(made, key_path, authority, tmp_path):
    """PDF/A-3a and PDF/UA-1 hold with timestamp and validation data too."""
    address, root = authority
    path = tmp_path / "stamped.pdf"
    pdf = made("golden", "sealed").read_bytes()
    now = datetime.now(UTC)
    path.write_bytes(
        seal(pdf, p12_path=key_path, passphrase=PASSPHRASE, now=now, reason="x", tsa_url=address, tsa_roots=root)
    )
    assert set(verdicts(path).values()) == {"pass"}


def test_authority_down_means_no_seal(made, key_path, certificate, now):
    """It waits and is tried again; a seal without its timestamp is never made in its place."""
    with pytest.raises(TimestampUnavailable, match="waits"):
        seal(
            made("golden", "sealed").read_bytes(),
            p12_path=key_path,
            passphrase=PASSPHRASE,
            now=now,
            reason="x",
            tsa_url="http://127.0.0.1:9/",
            tsa_roots=certificate,
        )
    assert issubclass(TimestampUnavailable, SealError)


@pytest.mark.parametrize("known", [True, False])
def test_authority_that_is_not_trusted_means_no_seal(made, key_path, certificate, authority, known):
    """A timestamp of an unknown authority, or one whose certificates nobody configured, is refused at sealing."""
    address, _root = authority
    with pytest.raises(SealError):
        seal(
            made("golden", "sealed").read_bytes(),
            p12_path=key_path,
            passphrase=PASSPHRASE,
            now=datetime.now(UTC),
            reason="x",
            tsa_url=address,
            tsa_roots=certificate if known else b"",
        )

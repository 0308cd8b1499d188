"""The operator's seal: one PAdES signature over a finished file, and the same key for ledger seals.

The seal shows that a file has not been changed since the installation sealed it. It is not a party's
seal and not a person's signature. Whoever verifies decides by `check` *and* by the stored SHA-256 of
the file: a byte in the padding of a PDF signature is outside everything that is signed.
"""

import asyncio
import io
import os
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "PortalSeal"
YEARS = 10

# What a file that is no sound PDF can make the reader raise. Nothing else is swallowed.
_MALFORMED = (
    PdfError,
    SignatureValidationError,
    ValidationError,
    PathError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    zlib.error,
    OSError,
)


class SealError(Exception):
    """The file could not be sealed; nothing was produced. The message says why, and whether to retry."""


class TimestampUnavailable(SealError):
    """The timestamp authority did not answer. Retry later: a seal without its timestamp is never made."""


@dataclass(frozen=True)
class SealReport:
    """What is known of the seal of a file. Only `bottom_line` decides, and only with the stored hash."""

    bottom_line: bool
    reason: str
    intact: bool
    covers_whole: bool
    trusted: bool
    signer: str


@dataclass(frozen=True)
class SealKey:
    """The private key (P-256) and certificate of an installation, opened."""

    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM: what verifiers trust, safe to publish."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


# -- The key ------------------------------------------------------------------------------------


def ensure_key(p12_path: Path, passphrase: bytes, *, name: str, now: datetime) -> SealKey:
    """The key in the file (PKCS#12, mode 0600, folder 0700), which is made on first use and never replaced.

    A self-made certificate on `name` (an organisation), valid for ten years from `now` (aware). The file
    appears whole or not at all, also when two processes start at once or one is killed. The certificate is
    written beside it with the ending .pem. Raises SealError if an existing file does not open with the passphrase.
    """
    p12_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not p12_path.exists():
        _publish(p12_path, _new_key(passphrase, name, now), 0o600)
    key = load_key(p12_path, passphrase)
    beside = p12_path.with_suffix(".pem")
    if not beside.exists() or beside.read_bytes() != key.certificate_pem:
        _publish(beside, key.certificate_pem, 0o644, replace=True)
    return key


def _new_key(passphrase: bytes, name: str, now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name[:53]} (seal)"),
        ]
    )
    usage = {"digital_signature": True, "content_commitment": True}
    unused = ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(**usage, **dict.fromkeys(unused, False), encipher_only=False, decipher_only=False),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    encryption = serialization.BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, encryption)


def _publish(path: Path, content: bytes, mode: int, *, replace: bool = False) -> None:
    """Write beside the target, flush to the disk, then give it the name in one step."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            # link() fails if another process was first; its key then is the key.
            try:
                os.link(draft, path)
            except FileExistsError:
                return
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_key(p12_path: Path, passphrase: bytes) -> SealKey:
    """Open a PKCS#12 file. Raises SealError if it is missing, damaged, no P-256 key, or the passphrase is wrong."""
    try:
        private, certificate, chain = pkcs12.load_key_and_certificates(Path(p12_path).read_bytes(), passphrase)
    except OSError as error:
        raise SealError(_("The key file of the seal cannot be read.")) from error
    except ValueError as error:
        raise SealError(_("The key file of the seal does not open with this passphrase.")) from error
    if certificate is None or not isinstance(private, ec.EllipticCurvePrivateKey):
        raise SealError(_("The key file of the seal holds no elliptic curve key with a certificate."))
    if certificate.public_key() != private.public_key():
        raise SealError(_("The key file of the seal holds a certificate of another key."))
    return SealKey(private, certificate, tuple(chain))


def sign_bytes(data: bytes, *, p12_path: Path, passphrase: bytes) -> bytes:
    """An ECDSA signature (SHA-256, DER) of the bytes, for checkpoints of the ledger."""
    return load_key(p12_path, passphrase).private.sign(data, ec.ECDSA(hashes.SHA256()))


def verify_bytes(data: bytes, signature: bytes, certificate_pem: bytes) -> bool:
    """Whether sign_bytes made this signature of these bytes with the key of this certificate."""
    public = x509.load_pem_x509_certificate(certificate_pem).public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


# -- Sealing ------------------------------------------------------------------------------------


class _KeySigner(signers.Signer):
    """Signs with a key opened once; the library's own signer parses and checks it for every signature."""

    def __init__(self, key: SealKey):
        certificate = _asn1(key.certificate)
        registry = SimpleCertificateStore()
        registry.register_multiple([certificate, *map(_asn1, key.chain)])
        super().__init__(signing_cert=certificate, cert_registry=registry)
        self._private = key.private

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return bytes(72) if dry_run else self._private.sign(data, ec.ECDSA(hashes.SHA256()))


class _PdfSealer(signers.PdfSigner):
    """Takes the time from the caller, and leaves the file a PDF 1.7, as PDF/A-3 wants it."""

    def __init__(self, *arguments: Any, now: datetime, **options: Any):
        super().__init__(*arguments, **options)
        self._now = now

    def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
        session = super().init_signing_session(*arguments, **options)
        session.system_time = self._now
        return session

    def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
        pdf_out.register_extension(ESIC_EXTENSION_1)


def seal(
    pdf: bytes,
    *,
    p12_path: Path,
    passphrase: bytes,
    now: datetime,
    reason: str,
    tsa_url: str = "",
    tsa_roots: bytes = b"",
) -> bytes:
    """The sealed file: PAdES B-B, or B-T with the signer's validation data in the same revision if tsa_url is set.

    Certifies the document with no changes allowed. `now` (aware) is the time written into it, `reason` is shown
    by readers, `tsa_roots` are the trusted certificates (PEM) of the timestamp authority. Raises
    TimestampUnavailable if the authority does not answer (retry) and SealError for anything else; it never
    falls back to a seal without a timestamp.
    """
    key = load_key(p12_path, passphrase)
    settings: dict[str, Any] = {}
    timestamper = None
    if tsa_url:
        if not tsa_roots:
            raise SealError(_("The certificates of the timestamp authority are not configured."))
        timestamper = HTTPTimeStamper(tsa_url, timeout=20)
        roots = [_asn1(key.certificate), *_certificates(tsa_roots)]
        settings = {
            "embed_validation_info": True,
            "validation_context": ValidationContext(trust_roots=roots, allow_fetching=False, moment=now),
            "dss_settings": DSSContentSettings(
                include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
            ),
        }
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
        name=_asn1(key.certificate).subject.native["common_name"],
        **settings,
    )
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(_repacked(pdf)))
        sealer = _PdfSealer(metadata, _KeySigner(key), timestamper=timestamper, now=now)
        return sealer.sign_pdf(writer).getvalue()
    except TimestampRequestError as error:
        raise TimestampUnavailable(_("The timestamp authority does not answer. The seal waits.")) from error
    except (SigningError, PdfError, PathError, ValidationError, pikepdf.PdfError) as error:
        raise SealError(_("The file could not be sealed: %(reason)s") % {"reason": error}) from error


def _repacked(pdf: bytes) -> bytes:
    """Many small object streams instead of one large one: validation of 40 parties takes 2 s instead of 95 s."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


# -- Checking -----------------------------------------------------------------------------------


def check(pdf: bytes, certificate_pem: bytes, *, now: datetime, tsa_roots: bytes = b"") -> SealReport:
    """What the seal of a file is worth, against the certificate of this installation; never raises for a bad file.

    Good means: exactly one signature, by this certificate, valid, over the whole file, nothing added since.
    """
    try:
        return asyncio.run(_checked(pdf, _certificates(certificate_pem)[0], now, _certificates(tsa_roots)))
    except _MALFORMED:
        return _bad(_("The file is not a PDF that can be read, or its seal is damaged."))


async def _checked(
    pdf: bytes, certificate: asn1_x509.Certificate, now: datetime, tsa_roots: list[asn1_x509.Certificate]
) -> SealReport:
    embedded = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_signatures
    if not embedded:
        return _bad(_("The file carries no seal."))
    if len(embedded) > 1:
        return _bad(_("The file carries more than one signature; a sealed file carries one."))
    # The certificate itself is the root, so a seal by another authority with the same name is not trusted.
    own = ValidationContext(trust_roots=[certificate], allow_fetching=False, moment=now)
    stamp = ValidationContext(trust_roots=[certificate, *tsa_roots], allow_fetching=False, moment=now)
    status = await async_validate_pdf_signature(embedded[0], own, ts_validation_context=stamp)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    same = embedded[0].signer_cert.dump() == certificate.dump()
    trusted = bool(status.trusted and same)
    return SealReport(
        bottom_line=bool(status.bottom_line and whole and trusted),
        reason=_reason(status, whole, trusted),
        intact=bool(status.intact and status.valid),
        covers_whole=whole,
        trusted=trusted,
        signer=str(embedded[0].signer_cert.subject.human_friendly),
    )


def _reason(status: Any, whole: bool, trusted: bool) -> str:
    if not (status.intact and status.valid):
        return _("The file was changed after it was sealed.")
    if not trusted:
        return _("The seal was not made with the key of this installation.")
    if not whole:
        return _("Something was added to the file after it was sealed.")
    if not status.bottom_line:
        return _("The seal does not hold.")
    return _("The seal is whole and was made by this installation.")


def _bad(reason: str) -> SealReport:
    return SealReport(False, reason, intact=False, covers_whole=False, trusted=False, signer="")


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _certificates(pem: bytes) -> list[asn1_x509.Certificate]:
    return [_asn1(certificate) for certificate in x509.load_pem_x509_certificates(pem)] if pem else []

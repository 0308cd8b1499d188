"""The installation's key: seals PDFs and checkpoints. Made on first use when it lies in PORTAL_HOME."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from portal.later import Later

if TYPE_CHECKING:
    from portal import seal
else:
    seal = Later("portal.seal")  # pyHanko costs half a second and 30 MB

NAME = "Concordat trial installation"


def key_file(*, now) -> Path:
    """The PKCS#12 file. The one in PORTAL_HOME appears on first use; one that was configured must be there."""
    path = Path(settings.SEAL_PKCS12)
    if path.is_relative_to(settings.LAYOUT.seal):
        seal.ensure_key(path, passphrase(), name=NAME, now=now)
    return path


def passphrase() -> bytes:
    """The passphrase of the key file."""
    return settings.SEAL_PASSPHRASE.encode()


@lru_cache(maxsize=4)
def certificate_pem(path: Path) -> bytes:
    """The certificate of a key file, as PEM; opened once per process."""
    return seal.load_key(path, passphrase()).certificate_pem


def sign(data: bytes, *, now) -> bytes:
    """Sign bytes (checkpoints)."""
    return seal.sign_bytes(data, p12_path=key_file(now=now), passphrase=passphrase())


def verify(data: bytes, signature: bytes) -> bool:
    """Is this our signature of these bytes?"""
    return seal.verify_bytes(data, signature, certificate_pem(Path(settings.SEAL_PKCS12)))


def seal_pdf(pdf: bytes, *, now) -> bytes:
    """Seal a finished PDF; raises portal.seal.SealError (retry later), never falls back."""
    return seal.seal(
        pdf,
        p12_path=key_file(now=now),
        passphrase=passphrase(),
        now=now,
        reason=_("Sealed by the operator of this installation: the file is as it was made here"),
        tsa_url=settings.SEAL_TSA_URL,
        tsa_roots=tsa_certificates(),
    )


def tsa_certificates() -> bytes:
    """The trusted certificates of the timestamp authority, as PEM; empty without one."""
    return Path(settings.SEAL_TSA_CERTIFICATES).read_bytes() if settings.SEAL_TSA_CERTIFICATES else b""


def check_pdf(pdf: bytes, *, now) -> "seal.SealReport":
    """What is known of a PDF's seal under our certificate."""
    return seal.check(pdf, certificate_pem(key_file(now=now)), now=now, tsa_roots=tsa_certificates())

"""Documents rendered once for all tests of this folder, and the seal's key."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.seal import ensure_key, seal
from protocols.printing import render_protocol
from tests.pdf import samples

PASSPHRASE = b"a passphrase of the tests"


@pytest.fixture(scope="session")
def now():
    """The moment at which the files of these tests are sealed and checked."""
    return datetime(2026, 7, 28, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A function (sample, kind) → path of the PDF, each rendered once."""
    folder = tmp_path_factory.mktemp("documents")
    makers = {"golden": samples.golden, "haringey": samples.haringey, "large": lambda: samples.large(40)}

    def make(sample: str, kind: str) -> Path:
        path = folder / f"{sample}-{kind}.pdf"
        if not path.exists():
            version = makers[sample]()
            path.write_bytes(render_protocol(version, samples.extras(version, kind)))
        return path

    return make


@pytest.fixture(scope="session")
def key_path(tmp_path_factory, now):
    """The key file of an installation, just made; its certificate is beside it."""
    path = tmp_path_factory.mktemp("home") / "seal" / "seal.p12"
    ensure_key(path, PASSPHRASE, name="Example Council", now=now)
    return path


@pytest.fixture(scope="session")
def certificate(key_path):
    """The certificate of that key, PEM."""
    return key_path.with_suffix(".pem").read_bytes()


@pytest.fixture(scope="session")
def sealed(made, key_path, now):
    """A function (sample, kind) → path of the sealed PDF, each sealed once."""

    def make(sample: str, kind: str) -> Path:
        source = made(sample, kind)
        path = source.with_suffix(".sealed.pdf")
        if not path.exists():
            path.write_bytes(
                seal(source.read_bytes(), p12_path=key_path, passphrase=PASSPHRASE, now=now, reason="Sealed edition")
            )
        return path

    return make

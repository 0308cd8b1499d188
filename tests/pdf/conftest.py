"""Documents rendered once for all tests of this folder, and the seal's key."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction

from breaches import printing, written
from portal import clock, tenancy
from portal.seal import ensure_key, seal
from protocols.printing import render_protocol
from tests.breaches import sessions
from tests.breaches.cases import Case
from tests.databases import one_at_a_time
from tests.pdf import samples

PASSPHRASE = b"a passphrase of the tests"


@pytest.fixture(scope="session")
def now():
    """The moment at which the files of these tests are sealed and checked."""
    return datetime(2026, 7, 28, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def made(folder_of_the_run):
    """A function (sample, kind) → path of the PDF, each rendered once, by the first process of the run that asks for it."""
    folder = folder_of_the_run / "documents"
    folder.mkdir(exist_ok=True)
    makers = {"golden": samples.golden, "haringey": samples.haringey, "large": lambda: samples.large(40)}

    def make(sample: str, kind: str) -> Path:
        path = folder / f"{sample}-{kind}.pdf"
        with one_at_a_time(path.with_suffix(".lock")):
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
def sealed(tmp_path_factory, made, key_path, now):
    """A function (sample, kind) → path of the sealed PDF, each sealed once."""
    folder = tmp_path_factory.mktemp("sealed")

    def make(sample: str, kind: str) -> Path:
        source = made(sample, kind)
        path = folder / f"{source.stem}.sealed.pdf"
        if not path.exists():
            path.write_bytes(
                seal(source.read_bytes(), p12_path=key_path, passphrase=PASSPHRASE, now=now, reason="Sealed edition")
            )
        return path

    return make


@pytest.fixture(scope="session")
def of_a_breach(tmp_path_factory, django_db_setup, django_db_blocker):
    """The written report and the minutes of a breach that was found late (READ-4), each with the picture of its clocks."""
    folder, now = tmp_path_factory.mktemp("breach"), clock.start_of_day(date(2026, 11, 18)) + timedelta(hours=12)
    paths = [folder / "breach-report.pdf", folder / "breach-minutes.pdf"]
    with django_db_blocker.unblock(), time_machine.travel(now, tick=False), transaction.atomic():
        case = Case()
        with tenancy.scope(case.framework.pk):
            case.begin(now)
            breach = case.report(
                occurred_from=date(2026, 11, 2),
                personal_data="yes",
                data_kinds="Addresses",
                controllers=[case.trust.pk],
            )
            report = written.submit(
                breach, case.trust, details="A list was sent astray.\n\nEleven people had it.", actions="The list is closed.",
                once="1", by=case.guilty, now=now,
            )  # fmt: skip
            paths[0].write_bytes(printing.report_pdf(report, now=now))
            sessions.circulated(case, breach)
            paths[1].write_bytes(printing.minutes_pdf(breach.minutes.get(), now=now))
        transaction.set_rollback(True)
    return paths

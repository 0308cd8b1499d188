"""The restore drill: an installation is lost, and comes back from one archive by the documented commands alone."""

import json
import os
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import psycopg2
import pytest
from django.db import transaction

from portal import backup, ledger
from portal.embedded import secrets
from portal.embedded.layout import PROJECT, Layout
from portal.embedded.mailsink import MailSink
from portal.models import OutgoingEmail, StoredFile
from portal.models.files import path_of
from portal.tenancy import scope
from tests.builders import NOW, make_framework, make_member, make_version
from tests.databases import superuser

pytestmark = pytest.mark.server


@dataclass
class Place:
    """One installation: its folder and its database."""

    home: Path
    name: str

    def env(self, **more) -> dict[str, str]:
        """What its commands read."""
        urls = {
            variable: f"{os.environ[variable].rsplit('/', 1)[0]}/{self.name}"
            for variable in ("DATABASE_URL", "PORTAL_OWNER_DATABASE_URL")
        }
        url = os.environ["PORTAL_SUPERUSER_DATABASE_URL"]
        kept = {"PATH": os.environ["PATH"], "PORTAL_HOME": str(self.home), "PORTAL_SUPERUSER_DATABASE_URL": url}
        return kept | urls | more

    def manage(self, *words, **more) -> subprocess.CompletedProcess:
        """Run one command as an operator does."""
        command = [sys.executable, "manage.py", *map(str, words)]
        return subprocess.run(
            command, cwd=PROJECT, env=self.env(**more), capture_output=True, text=True, timeout=300, check=False
        )

    def ask(self, question) -> list[tuple]:
        """Rows, as the owner."""
        connection = psycopg2.connect(self.env()["PORTAL_OWNER_DATABASE_URL"])
        try:
            with connection.cursor() as cursor:
                cursor.execute(question)
                return cursor.fetchall()
        finally:
            connection.close()


@pytest.fixture
def old(own_database, tmp_path, settings):
    """A framework with a protocol in force, kept files, a sealed ledger, a second factor, and a mail that waits."""
    layout = Layout(tmp_path / "old")
    layout.make()
    settings.LAYOUT = layout
    settings.SECRET_KEY = secrets.ensure(layout, "secret-key")
    settings.SEAL_PASSPHRASE = secrets.ensure(layout, "seal-passphrase")
    settings.SEAL_PKCS12 = str(layout.seal / "seal.p12")
    framework = make_framework()
    with scope(framework.pk), transaction.atomic():
        drafter = make_member(framework, role="drafter")
        version = make_version(framework=framework, status="in-force")
        told = {"version": version.pk, "decision": version.approval_id}
        OutgoingEmail.objects.queue(
            "protocols.approval-decided", to=drafter, key="waits", now=NOW, framework=framework, **told
        )
    ledger.seal(now=NOW)
    return Place(layout.home, own_database)


@pytest.fixture
def new(old, tmp_path):
    """Where it is restored: nothing is there, neither folder nor database."""
    place = Place(tmp_path / "new", f"{old.name}_restored")
    yield place
    superuser("drop database if exists {} with (force)", place.name)


@pytest.fixture
def archive(old, tmp_path):
    """The backup of the old place."""
    made = old.manage("backup", tmp_path)
    assert made.returncode == 0, made.stderr
    (path,) = tmp_path.glob("concordat-*.tar")
    return path


def test_restore_drill(old, new, archive, tmp_path, settings, record_property):
    """Everything is there and verified, people sign in with their second factor, and no mail leaves until it may."""
    assert archive.stat().st_mode & 0o777 == 0o600
    counted = "select (select count(*) from portal_auditevent), (select count(*) from protocols_clause), (select count(*) from portal_storedfile)"
    before = old.ask(counted)
    old.home.rename(tmp_path / "lost")
    superuser("drop database {} with (force)", old.name)
    superuser("create database {} owner portal_owner", old.name)  # the fixture drops it

    began = time.monotonic()
    done = new.manage("restore", archive)
    assert done.returncode == 0, done.stdout + done.stderr
    record_property("seconds", round(time.monotonic() - began, 1))
    assert new.ask(counted) == before
    assert before[0][0] > 5
    assert "Ledger, seals and 2 kept files are whole." in done.stdout
    assert new.manage("verify").returncode == 0

    with MailSink(tmp_path / "mail") as sink:
        assert new.manage("sweep", PORTAL_EMAIL_URL=sink.url).returncode == 0
        assert sink.messages() == []
        assert "1 mails wait" in new.manage("mail", "status").stdout
        assert "Mail is being sent" in new.manage("mail", "resume").stdout
        assert new.manage("sweep", PORTAL_EMAIL_URL=sink.url).returncode == 0
        assert len(sink.messages()) == 1
    assert "no time with an offset" in new.manage("mail", "resume", "--drop-before", "yesterday").stderr
    assert "Paused since" in new.manage("mail", "pause", "--reason", "Mail server moves").stdout

    assert Layout(new.home).secrets.joinpath("secret-key").read_text().strip() == settings.SECRET_KEY
    assert new.ask("select count(*) from mfa_authenticator") == [(1,)]
    assert new.ask("select last_value >= (select max(id) from portal_auditevent) from portal_auditevent_id_seq") == [
        (True,)
    ]
    # the restored database refuses what the old one refused
    with pytest.raises(psycopg2.Error, match=r"append-only|refused|not allowed|permission"):
        connection = psycopg2.connect(new.env()["PORTAL_OWNER_DATABASE_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute("update portal_auditevent set verb = 'forged'")


def rewritten(archive, change) -> Path:
    """The archive with one member changed by `change(name, content)`."""
    target = archive.with_name("changed.tar")
    with tarfile.open(archive) as source, tarfile.open(target, "w") as copy:
        for entry in source:
            content = change(entry.name, source.extractfile(entry).read())
            entry.size = len(content)
            copy.addfile(entry, BytesIO(content))
    return target


def flipped(name, content):
    """One bit of a stored file."""
    return content[:-1] + bytes([content[-1] ^ 1]) if name.startswith("files/") else content


def from_tomorrow(name, content):
    """As if a later version had made it."""
    if name != backup.MANIFEST:
        return content
    manifest = json.loads(content)
    manifest["migrations"].append("portal.9999_tomorrow")
    return json.dumps(manifest).encode()


def test_what_is_refused(old, new, archive):
    """A damaged or too new archive, a database in use, an archive that is there: told before anything is written."""
    for change, words in [(flipped, "is not what was put into it"), (from_tomorrow, "newer than this one")]:
        done = new.manage("restore", rewritten(archive, change))
        assert (done.returncode, words in done.stderr) == (1, True)
    connection = psycopg2.connect(os.environ["PORTAL_SUPERUSER_DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_database where datname = %s", [new.name])
        assert cursor.fetchone() == (0,)
    connection.close()
    done = old.manage("restore", archive)
    assert (done.returncode, "not empty" in done.stderr) == (1, True)
    assert old.ask("select count(*) from portal_framework") == [(1,)]
    assert "is there already" in old.manage("backup", archive).stderr


def test_a_missing_file_is_told_after_restoring(old, new, tmp_path):
    """What was lost before the backup is found by verifying, not by the first reader."""
    with scope(old.ask("select id from portal_framework")[0][0]), transaction.atomic():
        path_of(StoredFile.objects.first().sha256).unlink()
    assert old.manage("backup", tmp_path / "partly.tar").returncode == 0
    done = new.manage("restore", tmp_path / "partly.tar")
    assert (done.returncode, "missing" in done.stderr) == (1, True)
    # nothing is sent from a place that is not whole, and what waits can be left out
    dropped = new.manage("mail", "resume", "--drop-before", "2099-01-01T00:00Z")
    assert "1 mails are not sent any more" in dropped.stdout
    assert new.ask("select status from portal_outgoingemail") == [("dropped",)]
    said = new.ask("select verb, payload->'count' from portal_auditevent where verb like 'portal.mail:%' order by id")
    assert said == [("portal.mail:dropped", 1), ("portal.mail:resumed", None)]


def test_no_password_stands_in_the_list_of_processes(settings, monkeypatch):
    """Every account of a machine reads the arguments of every process (pg_dump, pg_restore); the environment only its own."""
    seen = []

    def started(command, **options):
        seen.append((" ".join(map(str, command)), options["env"]["PGPASSWORD"]))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(backup.subprocess, "run", started)
    url = "postgres://portal_owner:canary%20word@db.example.org:5433/portal?sslmode=require"
    settings.CONFIG = settings.CONFIG | {"PORTAL_OWNER_DATABASE_URL": url}
    backup.run(["pg_dump", "--format=custom"])
    ((command, password),) = seen
    assert "canary" not in command
    assert password == "canary word"
    for part in ("host=db.example.org", "port=5433", "user=portal_owner", "dbname=portal", "sslmode=require"):
        assert part in command

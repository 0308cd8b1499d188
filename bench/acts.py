"""Signing, mail, PDF, memory, start and size."""

import importlib.metadata
import json
import re
import smtplib
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from bench import data, load
from bench.pages import Row, middle
from bench.servers import PROJECT, Served
from portal import clock, pdf, sweep
from portal.embedded.mailsink import MailSink
from portal.notices import NOTICES, Notice
from tests.pdf import samples

FLOOR_BATCH = 50
REQUESTS = 10_000
BARE = """
import json, sys, weasyprint
from weasyprint.text.fonts import FontConfiguration
job = json.load(sys.stdin)
fonts = FontConfiguration()
sheets = [weasyprint.CSS(string=css, font_config=fonts) for css in job["css"]]
weasyprint.HTML(string=job["html"]).write_pdf(stylesheets=sheets, font_config=fonts)
"""


@contextmanager
def mail_server():
    """A real SMTP server on this machine, to which the settings point."""
    with tempfile.TemporaryDirectory() as folder, MailSink(Path(folder)) as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        yield sink


def reminders(framework, count: int) -> Row:
    """Mails that are due, each once by its key, against plain SMTP with 50 messages to a connection."""
    NOTICES["bench.reminder"] = Notice("bench.reminder", "It is a measurement.", lambda mail: {"reference": "W-1"})
    folder = Path(tempfile.mkdtemp()) / "emails"
    folder.mkdir()
    (folder / "bench.reminder.subject").write_text("Please sign {{ reference }}")
    (folder / "bench.reminder.txt").write_text("You have not signed {{ reference }} yet.\n\n{{ why }}\n")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [*settings.TEMPLATES[0]["DIRS"], folder.parent]}]
    with mail_server() as sink:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Please sign W-1"
        message.set_content("You have not signed W-1 yet.\n\nIt is a measurement.\n")
        began = time.perf_counter()
        for _ in range(count // FLOOR_BATCH):
            with smtplib.SMTP("127.0.0.1", sink.port) as server:
                for _ in range(FLOOR_BATCH):
                    server.send_message(message)
        theirs = count / (time.perf_counter() - began)
        sink.clear()
        data.mails(framework, count, clock.now())
        began = time.perf_counter()
        done = sweep.sweep()
        ours = done["sent"] / (time.perf_counter() - began)
        arrived = sink.by_message_id()
    if len(arrived) != count or done["sent"] != count or max(arrived.values()) != 1:
        raise RuntimeError(f"{count} mails were queued, {len(arrived)} arrived, {done} was done")
    return Row(f"{count:,} reminders", count, ours, theirs, None, 0.35, None, "mails/s", least=True)


def print_pdf() -> Row:
    """A protocol as PDF, with limits, tags and attachment, against bare WeasyPrint on the same HTML."""
    jobs, protocol = [], samples.haringey()
    run, pdf._run = pdf._run, lambda job, *limits: jobs.append(job) or run(job, *limits)
    try:
        ours = load.loop(lambda: samples.rendered(protocol, "sealed"), times=5, warm=1).milliseconds
    finally:
        pdf._run = run
    made = json.loads(jobs[0])
    styles = [re.sub(r"url\(([\"']?)font:", rf"url(\1file://{pdf.FONTS}/", css) for css in made["css"]]
    job = json.dumps({"html": made["html"], "css": styles})
    env = {"FONTCONFIG_FILE": str(pdf.FONTS / "fonts.conf"), "PATH": "/usr/bin:/bin", "HOME": tempfile.gettempdir()}

    def bare():
        subprocess.run([sys.executable, "-W", "ignore", "-c", BARE], input=job.encode(), env=env, check=True)

    theirs = load.loop(bare, times=5, warm=1).milliseconds
    return Row("PDF of one protocol", 1, middle(ours), middle(theirs), None, 1.3)


def memory(served, path: str, cookie: str) -> dict[str, float]:
    """PSS of the heaviest web process before and after 10,000 requests, in MB."""
    load.drive(served.port, path, cookie, clients=8, seconds=3.0)
    before = max(served.memory())
    done = 0
    while done < REQUESTS:
        done += len(load.drive(served.port, path, cookie, clients=8, seconds=10.0).milliseconds)
    return {"before": before, "after": max(served.memory()), "requests": done}


def cold_start(environment: dict[str, str], log: Path) -> float:
    """Seconds from the command to the first page, median of three."""
    times = []
    for _ in range(3):
        served = Served("portal.wsgi:application", environment, log, "/healthz")
        times.append(served.started_after)
        served.stop()
    return middle(times)


def installed() -> tuple[int, float]:
    """Number and size in MB of the packages that serving needs."""
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    names = [line.split("==")[0] for line in lines if "==" in line and not line.startswith(" ")]
    size = 0
    for name in names:
        for file in importlib.metadata.files(name.split("[")[0]) or []:
            path = Path(file.locate())
            size += path.stat().st_size if path.exists() else 0
    return len(names), size / 1e6

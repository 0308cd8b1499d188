"""What people find in their inbox: real SMTP into a sink, sent by the real sweep."""

import re

import pytest

from portal import sweep
from portal.embedded.mailsink import MailSink

LINK = re.compile(r"http://localhost:8000(/\S+)")


class Inbox:
    """The mail of a test."""

    def __init__(self, sink):
        self.sink = sink

    def fetch(self, address=""):
        """Run the sweep, then give (subject, text, path of the link or None) of each message to the address."""
        sweep.sweep()
        found = []
        for message in self.sink.messages():
            text = message.get_content()
            if address in (message["To"] or ""):
                link = LINK.search(text)
                found.append((message["Subject"], text, link and link.group(1)))
        return found

    def newest(self, address):
        """The last message to somebody."""
        return self.fetch(address)[-1]


@pytest.fixture
def inbox(tmp_path, settings):
    """A mail server that keeps what it is given."""
    with MailSink(tmp_path / "mail") as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        yield Inbox(sink)

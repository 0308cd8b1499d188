"""The mail sink of trials and tests."""

import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from portal.embedded.mailsink import MailSink


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    """A running sink on a free port."""
    with MailSink(tmp_path / "mail") as running:
        yield running


def send(sink: MailSink, *to: str, ident: str = "<one@example.org>", text: str = "Good morning") -> dict[str, object]:
    """Send one message by real SMTP and return the refused recipients."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "concordat@example.org", ", ".join(to), "Hello"
    message["Message-ID"] = ident
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=10) as client:
        return client.send_message(message)


def test_message_is_kept_before_it_is_accepted(sink: MailSink) -> None:
    """What the server accepted stands in the folder, whole, with both addresses of the envelope."""
    send(sink, "ada@example.org", text="Grüße\n.\n..dots")
    (kept,) = sink.messages()
    assert kept["X-Envelope-To"] == "ada@example.org"
    assert kept["X-Envelope-From"] == "concordat@example.org"
    assert kept.get_content().splitlines() == ["Grüße", ".", "..dots"]
    assert [path.suffix for path in sink.folder.iterdir()] == [".eml"]


def test_messages_of_one_moment_are_all_kept(sink: MailSink) -> None:
    """Eight senders at once lose nothing, and Message-IDs are counted."""
    senders = [threading.Thread(target=send, args=(sink, "ada@example.org")) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sink.by_message_id() == {"<one@example.org>": 8}


def test_refused_recipient_is_refused_at_rcpt(sink: MailSink) -> None:
    """A refusal reaches the sender with its code; the other recipient gets the message."""
    sink.treat("gone@example.org", refuse="550 5.1.1 No such user")
    refused = send(sink, "gone@example.org", "ada@example.org")
    assert refused == {"gone@example.org": (550, b"5.1.1 No such user")}
    assert len(sink.messages("ada@example.org")) == 1
    assert sink.messages("gone@example.org") == []
    assert sink.attempts("Gone@example.org") == 1


def test_bounce_at_data_keeps_nothing(sink: MailSink) -> None:
    """A reply of 5xx to the text is an error for the sender and leaves no file."""
    sink.treat("full@example.org", bounce="552 5.2.2 Mailbox full")
    with pytest.raises(smtplib.SMTPDataError) as caught:
        send(sink, "full@example.org")
    assert caught.value.smtp_code == 552
    assert sink.messages() == []


def test_clear_forgets_mail_and_counts(sink: MailSink) -> None:
    """After `clear` the sink is as new."""
    send(sink, "ada@example.org")
    sink.clear()
    assert sink.messages() == []
    assert sink.attempts("ada@example.org") == 0

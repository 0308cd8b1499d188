"""A mail server that keeps what it is given and sends nothing on: for trials and for tests."""

import argparse
import asyncio
import os
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_binary_file
from email.message import EmailMessage
from email.policy import default as policy
from pathlib import Path
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.embedded.layout import Layout
from portal.embedded.secrets import write_once

HOST = "127.0.0.1"  # not "localhost", which may be two addresses and then two different free ports
SIZE_LIMIT = 30_000_000  # bytes, more than any message of ours


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the sink treats one recipient. `refuse` and `bounce` are whole SMTP replies, `delay` is in seconds.

    `refuse` answers RCPT ("550 5.1.1 No such user" or "451 4.2.1 Try later"); `bounce` answers DATA, after which
    nothing is kept.
    """

    refuse: str = ""
    bounce: str = ""
    delay: float = 0.0


class Keeper:
    """aiosmtpd's handler: writes each accepted message into `folder` before it says that it has it."""

    def __init__(self, folder: Path, behaviours: Mapping[str, Behaviour]) -> None:
        self.folder = folder
        self.behaviours = behaviours
        self.attempts: Counter[str] = Counter()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, or answer as its behaviour says."""
        behaviour = self._behaviour(address)
        self.attempts[address.lower()] += 1
        if behaviour.delay:
            await asyncio.sleep(behaviour.delay)
        if behaviour.refuse:
            return behaviour.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message durably, then accept it."""
        for address in envelope.rcpt_tos:
            if bounce := self._behaviour(address).bounce:
                return bounce
        content = envelope.original_content or b""
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        # Names sort by arrival; the random end keeps two messages of one microsecond apart.
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.urandom(4).hex()}.eml"
        await asyncio.to_thread(write_once, self.folder / name, head.encode() + content)
        return "250 Kept"

    def _behaviour(self, address: str) -> Behaviour:
        return self.behaviours.get(address.lower(), Behaviour())


class MailSink:
    """The server on `host`:`port` (0 = any free one) in a thread of its own, keeping mail in `folder`."""

    def __init__(self, folder: Path, port: int = 0, host: str = HOST) -> None:
        self.folder = folder
        self.behaviours: dict[str, Behaviour] = {}
        self._keeper = Keeper(folder, self.behaviours)
        self._asked = (host, port)
        self._controller: Controller | None = None
        self.port = 0

    def start(self) -> None:
        """Listen; `port` then holds the real number. Raises OSError if it is taken."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        host, port = self._asked
        self._controller = _Controller(self._keeper, hostname=host, port=port, data_size_limit=SIZE_LIMIT)
        self._controller.start()
        self.port = self._controller.port

    def stop(self) -> None:
        """Stop listening; what was accepted is on disk."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> "MailSink":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """PORTAL_EMAIL_URL of this sink."""
        return f"smtp://{self._asked[0]}:{self.port}"

    def treat(self, address: str, *, refuse: str = "", bounce: str = "", delay: float = 0.0) -> None:
        """Set how `address` is treated from now on; with no arguments it is treated well again."""
        self.behaviours[address.lower()] = Behaviour(refuse, bounce, delay)

    def attempts(self, address: str) -> int:
        """How often somebody tried to send to `address`, refused ones counted."""
        return self._keeper.attempts[address.lower()]

    def messages(self, to: str = "") -> list[EmailMessage]:
        """What was kept, oldest first; only what went to `to` if it is given."""
        return [m for m in read_all(self.folder) if not to or to.lower() in str(m["X-Envelope-To"]).lower()]

    def by_message_id(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(str(message["Message-ID"]) for message in self.messages())

    def clear(self) -> None:
        """Forget all mail and every count; behaviours stay."""
        for path in self.folder.glob("*.eml"):
            path.unlink()
        self._keeper.attempts.clear()


class _Controller(Controller):
    """aiosmtpd's controller, able to start on port 0: its own self-test connects to the number it was given."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def read_all(folder: Path) -> list[EmailMessage]:
    """Every message kept in `folder`, oldest first; an empty list if there is no folder."""
    messages = []
    for path in sorted(folder.glob("*.eml")):
        with path.open("rb") as stream:
            messages.append(message_from_binary_file(stream, policy=policy))
    return messages


def main() -> None:
    """Run the sink of PORTAL_HOME until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with MailSink(Layout.from_env().mail, port):
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()

"""The press: a process of portal.press that has the library loaded, and makes each document in a child of its own.

Run by path in isolated mode, so it imports nothing of the portal. Standard input is a socket; each message is an order (JSON:
scratch, a folder; megabytes and seconds, the limits) with two descriptors, the job and a pipe for the answer. The press
itself never reads a job: it forks, and the child limits itself before it looks: memory, processor time, file size, no
network, death with its parent. What one document leaves behind in memory goes with its child.

Job, as JSON: html (str), css (list of str), title, lang, created (W3C date, UTC), attachment (null or name and base64 data).
Answer: BEGUN; then, if the child got to an end, HEAD (status, length) and the PDF or the reason. Status: 0 good, REFUSED,
OUT_OF_MEMORY, FAULT.
"""

import base64
import ctypes
import gc
import io
import json
import logging
import os
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from weasyprint import CSS, HTML, Attachment
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

FONTS = Path(__file__).parent / "fonts"
MAX_IMAGE_CHARACTERS = 500_000
BEGUN = b"+"
HEAD = struct.Struct(">BQ")
REFUSED, OUT_OF_MEMORY, FAULT = 3, 4, 5
IDLE, TICK = 60, 5  # seconds without an order after which the press ends; how often it looks

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1

_UA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
# PDF/A wants every metadata schema that it does not know itself to be described in the file.
_UA_METADATA = f"""
<rdf:Description rdf:about="" xmlns:pdfuaid="{_UA_NAMESPACE}" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{_UA_NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>""".encode()


class Locked(URLFetcher):
    """A fetcher that knows the bundled fonts ("font:NAME") and small data: images, nothing else.

    Anything else stops the rendering. Inside SVG images the library swallows that error, so the
    caller must also look at `refused` afterwards.
    """

    def __init__(self):
        super().__init__(allowed_protocols={"data", "font"}, allow_redirects=False)
        self.refused = []

    def fetch(self, url, headers=None):
        scheme, _colon, rest = url.partition(":")
        if scheme == "font" and rest in {path.name for path in FONTS.glob("*.ttf")}:
            return URLFetcherResponse(url, (FONTS / rest).read_bytes(), {"Content-Type": "font/ttf"})
        if url.startswith("data:image/") and len(url) <= MAX_IMAGE_CHARACTERS:
            return super().fetch(url, headers)
        self.refused.append(url[:200])
        raise FatalURLFetchingError(f"address refused: {url[:200]}")


class Faults(logging.Handler):
    """Keeps what the library reports as errors: a missing alt text or a broken image is no document."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


def confine(megabytes, seconds):
    """Limit this process to the memory and time given; cut it off from network and other programs."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() == 1:  # it has ended meanwhile
        os.kill(os.getpid(), signal.SIGKILL)
    # An empty network namespace where the kernel grants one; the audit hook below holds everywhere.
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    memory = megabytes * 2**20
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 64 * 2**20),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    sys.addaudithook(_refuse)


def _refuse(event, arguments):
    # The data: handler of the standard library announces itself as urllib.Request too.
    if event == "urllib.Request" and str(arguments[0]).startswith("data:"):
        return
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "urllib.")):
        raise PermissionError(f"{event} is refused while a document is made")


def mark_as_ua(_document, pdf):
    """Finisher: adds the PDF/UA-1 identification to the PDF/A metadata, before the trailer is written.

    The metadata stays readable without a PDF library: /verify looks there for the mark of a draft.
    """
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.compress = False
    metadata.stream[0] = metadata.stream[0].replace(b"</rdf:RDF>", _UA_METADATA, 1)


def render(job):
    """The PDF/A-3a and PDF/UA-1 bytes of a job (see the module); Refused with a reason."""
    fetcher, fonts, faults = Locked(), FontConfiguration(), Faults()
    LOGGER.handlers = [faults]
    sheets = [CSS(string=css, font_config=fonts, url_fetcher=fetcher) for css in job["css"]]
    page = HTML(string=job["html"], url_fetcher=fetcher, media_type="print")
    document = page.render(font_config=fonts, stylesheets=sheets, pdf_variant="pdf/a-3a")
    document.metadata.title = job["title"]
    document.metadata.lang = job["lang"]
    document.metadata.keywords = job["keywords"]
    document.metadata.created = document.metadata.modified = job["created"]
    options = {"pdf_variant": "pdf/a-3a", "pdf_tags": True, "finisher": mark_as_ua}
    if job["attachment"]:
        moment = datetime.fromisoformat(job["created"])
        options["attachments"] = [
            Attachment(
                string=base64.b64decode(job["attachment"]["data"]),
                name=job["attachment"]["name"],
                relationship="Source",
                created=moment,
                modified=moment,
            )
        ]
    target = io.BytesIO()
    document.write_pdf(target, **options)
    if fetcher.refused:
        raise Refused(f"address refused: {fetcher.refused[0]}")
    if faults.messages:
        raise Refused(faults.messages[0])
    return target.getvalue()


class Refused(Exception):
    """The job asks for something that no document may have; the message says what."""


def outcome(order, job):
    """(status, PDF or reason) of a job, a descriptor."""
    try:
        os.chdir(order["scratch"])
        os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), order["scratch"]))
        tempfile.tempdir = order["scratch"]  # whatever was found out while the library was loaded
        confine(order["megabytes"], order["seconds"])
        with open(job, "rb") as stream:
            return 0, render(json.load(stream))
    except (FatalURLFetchingError, Refused) as error:
        return REFUSED, str(error)[:500].encode()
    except MemoryError:
        return OUT_OF_MEMORY, b""
    except RecursionError:
        return REFUSED, b"nested too deeply"
    except Exception as error:  # noqa: BLE001  # whatever it is, somebody waits for the answer
        return FAULT, f"{type(error).__name__}: {error}"[:500].encode()


def child(order, job, answer):
    """Make one document and end; both descriptors are this process's own."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, order["seconds"])  # its time is up, whatever it is in
    os.write(answer, BEGUN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    status, content = outcome(order, job)
    with open(answer, "wb") as out:
        out.write(HEAD.pack(status, len(content)) + content)


def serve(orders):
    """A child for each order, until nobody is left who could send one, or nobody has for a while."""
    children: set[int] = set()
    last = time.monotonic()
    while children or time.monotonic() - last < IDLE:
        ready, _writable, _wrong = select.select([orders], [], [], TICK)
        children = {pid for pid in children if os.waitpid(pid, os.WNOHANG) == (0, 0)}
        if not ready:
            continue
        order, descriptors, _flags, _address = socket.recv_fds(orders, 10_000, 2)
        if not order:
            return
        pid = os.fork()
        if pid == 0:
            try:
                orders.close()  # a document that took this process over would read the next ones
                child(json.loads(order), *descriptors)
            finally:
                # Nothing of value is left: skip the slow tear-down of an interpreter without garbage collection.
                os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        children.add(pid)
        last = time.monotonic()


def main():
    """Be ready, and serve."""
    for number in (signal.SIGINT, signal.SIGTERM):  # they are for whom the press serves; it ends with them
        signal.signal(number, signal.SIG_IGN)
    gc.disable()
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as orders:
        serve(orders)


if __name__ == "__main__":
    main()

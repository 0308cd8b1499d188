"""Files leave the portal as downloads that no browser shows or runs inside it."""

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def as_download(content: bytes, name: str, media_type: str) -> HttpResponse:
    """A download, whatever the file says of itself."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, UNSAFE.sub("-", name).strip("-.") or "file")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response

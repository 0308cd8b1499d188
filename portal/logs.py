"""Structured logs: one JSON object a line, each with the request id, never a secret.

Application code logs with ``structlog.get_logger(__name__)`` and writes facts as fields
(``log.info("outbox.sent", email=row.pk)``); records of Django and of libraries take the same road.
This module is read by the settings, so it imports nothing of Django or of the project.
"""

import logging.config
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

#: Field names whose value never reaches a log, whatever the value is.
SECRET_FIELD = re.compile(
    r"pass(word|wd|phrase)|secret|token|otp|totp|cookie|authorization|credential|csrf|session_?key"
    r"|private_?key|recovery|dsn",
    re.IGNORECASE,
)
#: A long opaque part of a path or query is a capability (reset link, invitation link), not an address.
OPAQUE_PART = re.compile(r"(?<=[/=])(?!(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w:.=-]))[\w:.=-]{24,}")
#: ``scheme://user:password@host`` as it stands in database and mail URLs.
URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


def scrub_text(text: str) -> str:
    """The text without passwords of URLs and without opaque link tokens. UUIDs stay: they are names, not keys."""
    return OPAQUE_PART.sub(REDACTED, URL_PASSWORD.sub(REDACTED, text))


def scrub(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """structlog processor: hide secret fields, and clean every text that is left (OWASP ASVS 16.2)."""
    for key, value in event.items():
        if SECRET_FIELD.search(key):
            event[key] = REDACTED
        elif isinstance(value, str) and key not in {"exception", "logger", "level", "timestamp", "request_id"}:
            event[key] = scrub_text(value)
        elif isinstance(value, str) and key == "exception":
            event[key] = URL_PASSWORD.sub(REDACTED, value)
    return event


def request_id() -> str | None:
    """Id of the request or task that is being handled, or None outside of one. For mail headers and error pages."""
    return structlog.contextvars.get_contextvars().get("request_id")


class StandardError(logging.Handler):
    """Writes each record as one line to whatever standard error is at that moment, so a replaced one is not kept."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except (OSError, ValueError, TypeError):
            self.handleError(record)


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        # Only these of a record's extras: Django also hangs the whole request there, query string included.
        structlog.stdlib.ExtraAdder(allow={"status_code"}),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # Plain traceback text: the structured form would print local variables, hence form contents.
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        scrub,
    ]


def logging_config(debug: bool = False, level: str = "INFO") -> dict[str, Any]:
    """Configure structlog and the standard logging at once; returns the dictionary that was applied.

    The settings call it with ``LOGGING_CONFIG = None``, so that Django's default handlers (console, mail) never exist.
    Everything goes to standard error: JSON lines, or a readable form when ``debug`` is true.
    No handler sends mail: the outbox is the only sender. Raises ValueError for a ``level`` not in LEVELS.
    """
    level = level.upper()
    if level not in LEVELS:
        raise ValueError(f"PORTAL_LOG_LEVEL is “{level}”. Set it to one of {', '.join(LEVELS)}.")
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if debug else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    quiet = {"level": "WARNING", "handlers": [], "propagate": True}
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
                "foreign_pre_chain": _shared(),
            },
        },
        "handlers": {"stderr": {"()": StandardError, "formatter": "structured"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            # Django's own configuration gives these a console and a mail handler: both are replaced by the root's.
            "django": {"level": level, "handlers": [], "propagate": True},
            "django.server": {"level": level, "handlers": [], "propagate": True},
            "fontTools": quiet,
            "weasyprint": quiet,
            "pikepdf": quiet,
            "pyhanko": quiet,
            "pyhanko_certvalidator": quiet,
            "mail.log": quiet,
        },
    }
    logging.config.dictConfig(config)
    return config

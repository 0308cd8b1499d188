"""Loaded before pytest-django reads the settings: starts the services that the settings name (see pyproject.toml)."""

import os

from tests.services import ensure_services

ensure_services()
os.environ.setdefault("PORTAL_URL", "http://localhost:8000")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # pytest-playwright runs a loop in this thread

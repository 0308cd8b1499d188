"""Services and databases of the tests.

The test database is made and migrated as portal_owner; tests log in as portal_app, so grants, triggers and
row-level security are as in production. Race and browser tests get a copy of it each (`own_database`).
"""

import os

from tests.services import ensure_services

ensure_services()  # before settings are read
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_URL", "http://localhost:8000")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # pytest-playwright runs a loop in this thread

pytest_plugins = ["tests.databases", "tests.fixtures"]

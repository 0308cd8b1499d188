"""Fixtures of all tests. The services are started by tests/early.py, before settings are read."""

pytest_plugins = ["tests.databases", "tests.fixtures"]

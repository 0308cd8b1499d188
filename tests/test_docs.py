"""What is printed from the code is as the code is."""

from django.core.management import call_command


def test_printed_pages_are_current():
    """docs/configuration.md, transitions.md and roles.md equal what `manage.py write_docs` would write."""
    call_command("write_docs", check=True)

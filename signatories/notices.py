"""Mails about signing."""

"""Mails about drafts and versions."""

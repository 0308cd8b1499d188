"""A changed password ends the person's other sessions at once (ASVS 7.4.3)."""

from allauth.account.signals import password_changed, password_reset
from django.dispatch import receiver

from portal.models import SignIn


@receiver(password_changed)
def end_other_sessions(sender, request, user, **kwargs):
    """All but the one in which it was changed."""
    SignIn.objects.filter(user=user).exclude(session_key=request.session.session_key or "").end()


@receiver(password_reset)
def end_all_sessions(sender, request, user, **kwargs):
    """Whoever was signed in with the old one."""
    SignIn.objects.filter(user=user).end()

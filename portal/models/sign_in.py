"""Where somebody is signed in: one row beside each session, so that its owner sees it and can end it (ASVS 7.4, 7.5.2)."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction

from portal.models.people import User
from portal.models.verbs import verb


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Sessions of people; global, like accounts."""

    def live(self, now):
        """Those whose session has neither idled out nor reached its longest time."""
        idle, longest = settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS
        return self.filter(
            seen_at__gte=now - timedelta(seconds=idle), started_at__gte=now - timedelta(seconds=longest)
        ).order_by("-seen_at")

    def note(self, key: str, *, was: str, user, started, now, ip="", user_agent="") -> None:
        """A session was used. was: its key before it was changed, or ""."""
        facts = {"user": user, "session_key": key, "seen_at": now, "ip": ip, "user_agent": user_agent[:300]}
        with transaction.atomic():
            if self.filter(session_key__in={key, was} - {""}, user=user).update(**facts):
                return
            self.get_or_create(session_key=key, defaults=facts | {"started_at": started})

    def forget_ended(self, now) -> None:
        """Take away what is kept of sessions that are over: address and browser go with them (UK-keep)."""
        with transaction.atomic():
            self.exclude(pk__in=self.live(now).values("pk")).delete()
            Session.objects.filter(expire_date__lt=now).delete()

    forget_ended.alters_data = True  # type: ignore[attr-defined]

    @transaction.atomic
    def end(self) -> int:
        """End these sessions: their next request is a stranger's. Returns how many there were."""
        keys = list(self.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        self.filter(session_key__in=keys).delete()
        return len(keys)

    end.alters_data = True  # type: ignore[attr-defined]


class SignIn(models.Model):
    """One session of a person. Address and browser help its owner to recognise it, and go with it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-seen_at"], name="sign_in_of_user")]

    def __str__(self):
        # without a name: the ledger keeps this label for good
        return f"Session since {self.started_at:%Y-%m-%d %H:%M} UTC"

    @verb
    def end(self) -> None:
        """End this one."""
        SignIn.objects.filter(pk=self.pk).end()

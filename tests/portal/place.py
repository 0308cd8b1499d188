"""A framework as its administrator sees it, for tests of people and organisations."""

from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from portal import tenancy
from portal.models import AuditEvent, Invitation
from portal.models.people import FrameworkUserObjectPermission
from portal.permissions import Role
from tests.builders import make_framework, make_member, make_organisation

NEW_PASSWORD = "seven grey herons wading"
ADDRESS = "new.person@example.org"


class Place:
    """A framework with an organisation and an administrator who is signed in."""

    def __init__(self, client):
        cache.clear()
        self.framework = make_framework()
        self.body = make_organisation("Anytown Council", framework=self.framework)
        self.admin = make_member(self.framework, Role.FRAMEWORK_ADMIN, self.body)
        client.force_login(self.admin)
        self.client = client

    def url(self, name, *args):
        """An address in the framework."""
        return reverse(name, args=[self.framework.slug, *args])

    def offer(self, **changes):
        """What the invitation form sends."""
        body = {
            "email": ADDRESS,
            "full_name": "Nova Person",
            "job_title": "Manager",
            "organisation": self.body.pk,
            "role": "drafter",
        }
        return body | changes

    def invite(self, **changes):
        """Invite through the page; gives the invitation."""
        answer = self.client.post(self.url("people-invite"), self.offer(**changes))
        assert answer.status_code == 302, answer.context["form"].errors
        return self.only(Invitation)

    def only(self, model, **conditions):
        """The newest row of the framework."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return model.objects.filter(framework=self.framework, **conditions).order_by("-pk").first()

    def count(self, model, **conditions):
        """How many rows of the framework."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return model.objects.filter(framework=self.framework, **conditions).count()

    def verbs(self):
        """What the ledger says, in order."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return list(
                AuditEvent.objects.filter(framework_id=self.framework.pk).order_by("pk").values_list("verb", flat=True)
            )

    def last_event(self):
        """The newest row of the ledger."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return AuditEvent.objects.filter(framework_id=self.framework.pk).order_by("pk").last()

    def grants(self, user):
        """guardian's codenames of a person here."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            rows = FrameworkUserObjectPermission.objects.filter(user=user, content_object=self.framework)
            return set(rows.values_list("permission__codename", flat=True))

    def in_scope(self):
        """The framework's scope."""
        return tenancy.scope(self.framework.pk)


def accept(browser, path, password=NEW_PASSWORD):
    """Choose the first password."""
    return browser.post(path, {"password1": password, "password2": password})

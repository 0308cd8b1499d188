"""Requests to join, and the mails about them (HAM-register). Each act is one transaction with its mails."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import doorbell
from portal.models import OutgoingEmail
from portal.notices import absolute, holders, notice
from portal.permissions import Access, Perm
from protocols.models import JoinRequest


@transaction.atomic
def ask(framework, *, now, **facts) -> JoinRequest:
    """Keep the request and tell those who can answer it: secretaries and administrators."""
    request = JoinRequest.objects.ask(framework, now=now, **facts)
    for person in holders(framework, Perm.AUTHORISE):
        OutgoingEmail.objects.queue(
            "protocols.join-asked", to=person, key=f"join-asked:{request.pk}:{person.pk}", now=now,
            framework=framework, request=request.pk,
        )  # fmt: skip
    doorbell.ring()
    return request


@transaction.atomic
def answer(request, text, *, by, now):
    """Answer by mail, once. Raises StateError for a request that was answered or closed."""
    request.give_answer(text, by=by, now=now)
    OutgoingEmail.objects.queue(
        "protocols.join-answered", to=request.email, key=f"join-answered:{request.pk}", now=now,
        framework=request.framework_id, request=request.pk,
    )  # fmt: skip
    doorbell.ring()


@transaction.atomic
def close(request, *, by, now):
    """Close without an answer. Raises StateError for a request that was answered or closed."""
    request.close(by=by, now=now)


@notice(
    "protocols.join-asked",
    why=_("You get this message because you answer organisations that ask to join this framework."),
)
def join_asked(email):
    """That there is a request; not who asks, nor what they wrote."""
    request = JoinRequest.objects.waiting().select_related("framework").filter(pk=email.ids["request"]).first()
    if request is None or not Access.of(email.user, request.framework).can(Perm.AUTHORISE):
        return None
    return {
        "framework_name": request.framework.name,
        "link": absolute(reverse("join-request", args=[request.framework.slug, request.pk])),
    }


@notice("protocols.join-answered", why=_("You get this message because you asked whether your organisation can join."))
def join_answered(email):
    """The answer itself: whoever asked has no account to read it with, and the form says that it is sent by mail."""
    request = JoinRequest.objects.select_related("framework").filter(pk=email.ids["request"]).first()
    if request is None or not request.answer:
        return None
    return {
        "framework_name": request.framework.name,
        "answer": request.answer,
        "link": absolute(reverse("register", args=[request.framework.slug])),
    }

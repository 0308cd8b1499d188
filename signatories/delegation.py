"""Delegation of authority: a representative of chief-officer rank lets a colleague sign (SIG-who).

Never more than one's own authority gives: the same organisation, no wider scope, no longer dates. Whoever signs under a
delegation cannot delegate it further (decision 16). It ends when the authority ends from which it was delegated.
"""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock, doorbell
from portal.errors import NotReady, StateError
from portal.permissions import Role
from portal.templatetags.dates import longdate
from signatories.mails import invite_holder, tell_if_nobody_signs, waiting_of
from signatories.models import Authority
from signatories.obstacles import representatives


def delegable(user, now):
    """The person's own authorities, under which they may delegate now."""
    held = Authority.objects.usable(now).filter(user=user, delegated_from__isnull=True)
    return held.select_related("organisation", "protocol", "user").order_by("organisation__name", "-valid_from", "pk")


@transaction.atomic
def delegate(grant, *, user, protocol, capacity, valid_from, valid_to, by, now) -> Authority:
    """Let a colleague sign under one's own authority, from one day to another.

    protocol: the one protocol that it covers, or None for everything that the grant covers. Raises StateError when the
    grant is not the person's own, has ended or was itself delegated; NotReady with everything that would exceed it.
    """
    held = Authority._base_manager.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    grant.refresh_from_db(from_queryset=held)
    if grant.delegated_from_id is not None:
        raise StateError(
            _("An authority that was delegated cannot be delegated further."),
            _("Ask the person who delegated it to you."),
        )
    if not delegable(by, now).filter(pk=grant.pk).exists():
        raise StateError(
            _("You hold no authority of your own that you could delegate."),
            _("Ask the board secretary to record who granted you yours."),
        )
    if user == by or not representatives([grant.organisation_id]).filter(user=user).exists():
        raise StateError(
            _("Only another representative of %(organisation)s can be delegated to.")
            % {"organisation": grant.organisation},
            _("Ask a framework administrator to invite the person as a representative first."),
        )
    if excess := beyond(grant, protocol, valid_from, valid_to, now):
        raise NotReady(_("A delegation cannot exceed the authority from which it comes."), excess)
    authority = Authority.objects.grant(
        framework=grant.framework,
        organisation=grant.organisation,
        user=user,
        delegated_from=grant,
        protocol=protocol or grant.protocol,
        capacity=capacity,
        granted_by=", ".join(filter(None, [by.full_name, by.job_title])),
        scope=scope_words(grant, protocol),
        valid_from=valid_from,
        valid_to=valid_to,
        by=by,
        now=now,
    )
    invite_holder(authority, now=now)
    doorbell.ring()
    return authority


def beyond(grant, protocol, valid_from, valid_to, now) -> list[str]:
    """What of a wanted delegation the grant does not give, in words."""
    found = []
    if grant.protocol_id and protocol != grant.protocol:
        found.append(_("Your own authority covers one protocol only."))
    if valid_from < grant.valid_from:
        found.append(_("Your own authority begins on %(date)s.") % {"date": longdate(grant.valid_from)})
    if grant.valid_to and valid_to > grant.valid_to:
        found.append(_("Your own authority ends on %(date)s.") % {"date": longdate(grant.valid_to)})
    if valid_to < valid_from:
        found.append(_("The last day must be the same as or after the first day."))
    if valid_to < clock.london_date(now):
        found.append(_("The last day has passed already."))
    return found


def scope_words(grant, protocol) -> str:
    """What it covers, as it stands in the evidence: a reference and never a title, which not everybody may read."""
    if protocol is not None:
        return _("Protocol %(reference)s only") % {"reference": protocol.reference}
    return grant.scope


# --- what ends with the role of a representative (portal.endings)


def held_with(membership):
    """Authorities that count only with this role, and those that were delegated under them."""
    own = Authority.objects.filter(
        user=membership.user_id, organisation=membership.organisation_id, framework=membership.framework_id
    )
    return Authority.objects.filter(Q(pk__in=own.values("pk")) | Q(delegated_from__in=own.values("pk")), ended_at=None)


def what_ends(membership, now) -> list[str]:
    """For the page that asks: authorities, and documents that nobody could sign any more."""
    if membership.role != Role.REPRESENTATIVE:
        return []
    found = []
    if count := held_with(membership).count():
        words = ngettext(
            "%(count)d recorded authority to sign ends, delegations counted.",
            "%(count)d recorded authorities to sign end, delegations counted.",
            count,
        )
        found.append(words % {"count": count})
    if lost := lost_documents(membership, now):
        words = _("Nobody could then sign for %(organisation)s: %(documents)s. The board secretaries are told.")
        found.append(words % {"organisation": membership.organisation, "documents": ", ".join(lost)})
    return found


def lost_documents(membership, now) -> list[str]:
    """Documents that wait for the organisation and that only this person, or a delegate of theirs, may sign now."""
    ending = set(held_with(membership).values_list("pk", flat=True))
    lost = []
    for party in waiting_of(membership.organisation_id):
        usable = Authority.objects.usable(now).covering(party.version.protocol_id)
        able = set(usable.filter(organisation=membership.organisation_id).values_list("pk", flat=True))
        if able and not able - ending:
            lost.append(f"{party.version.protocol.reference} {party.version.number}")
    return lost


def end_with_role(membership, by, now) -> None:
    """One act: with the role of a representative end their authorities and what was delegated under them; if a document
    waits that nobody may sign now, the board's secretaries and the administrators are told."""
    if membership.role != Role.REPRESENTATIVE:
        return
    held = held_with(membership).select_for_update(of=("self",)).order_by("pk")
    for authority in held:
        authority.end(by=by, now=now)
    tell_if_nobody_signs(membership.framework, membership.organisation_id, now=now)
    doorbell.ring()

"""Mails about drafts: consultation opened and closed, approval asked for and decided.

Each act queues its mails in its own transaction (`tell_…`); the text is made when the mail is sent. A mail says
reference and number only, never the title or a word of the text.
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock, doorbell
from portal.models import AuditEvent, Decision, OutgoingEmail
from portal.notices import absolute, holders, notice
from portal.permissions import Access, Perm
from protocols.models import Adoption, Consultation, Intention, Party, Pilot, Publication, Version

PARTY = _("You get this message because your organisation is a party to this draft and you may comment for it.")

DRAFTER = _("You get this message because you draft protocols in this framework.")


def queue(kind, people, version, *, key, now, **ids):
    """One mail to each person, in the act's own transaction."""
    for person in people:
        OutgoingEmail.objects.queue(
            kind, to=person, key=f"{kind}:{key}:{person.pk}", now=now, framework=version.framework_id,
            version=version.pk, **ids,
        )  # fmt: skip
    doorbell.ring()


def readers(version):
    """Those who may comment on a draft: the people of its parties (HAR-¶9)."""
    parties = version.parties.values_list("organisation", flat=True)
    return holders(version.framework, Perm.COMMENT, organisations=parties)


def tell_consultation_opened(consultation, *, now):
    """To the people of the parties."""
    version = consultation.version
    queue(
        "protocols.consultation-opened",
        readers(version),
        version,
        key=consultation.pk,
        now=now,
        consultation=consultation.pk,
    )


def tell_consultation_extended(consultation, *, now):
    """To the people of the parties: the new closing date."""
    version, key = consultation.version, f"{consultation.pk}:{consultation.closes_on}"
    ids = {"consultation": consultation.pk, "closes_on": consultation.closes_on.isoformat()}
    queue("protocols.consultation-extended", readers(version), version, key=key, now=now, **ids)


def tell_comments_wanted(consultation, *, now):
    """To those people of the parties who have not commented yet; once for each closing date."""
    version, key = consultation.version, f"{consultation.pk}:{consultation.closes_on}"
    said = set(consultation.comments.values_list("author", flat=True))
    people = [person for person in readers(version) if person.pk not in said]
    queue("protocols.comments-wanted", people, version, key=key, now=now, consultation=consultation.pk)


def tell_consultation_over(consultation, *, now):
    """To the drafters: the closing date is over."""
    version, key = consultation.version, f"{consultation.pk}:{consultation.closes_on}"
    people = holders(version.framework, Perm.DRAFT)
    queue("protocols.consultation-over", people, version, key=key, now=now, consultation=consultation.pk)


def tell_consultation_closed(consultation, *, now):
    """To the people of the parties: every comment has its response."""
    version = consultation.version
    queue(
        "protocols.consultation-closed",
        readers(version),
        version,
        key=consultation.pk,
        now=now,
        consultation=consultation.pk,
    )


def tell_approval_asked(version, *, now):
    """To those who record decisions."""
    people = holders(version.framework, Perm.DECIDE)
    # a draft may be submitted a second time after it went back, so the ledger's row is part of the key
    queue("protocols.approval-asked", people, version, key=newest_act(version), now=now, draft=version.draft)


def tell_approval_decided(version, decision, *, now):
    """To the drafters."""
    people = holders(version.framework, Perm.DRAFT)
    queue("protocols.approval-decided", people, version, key=decision.pk, now=now, decision=decision.pk)


def tell_intention(intention, *, now):
    """To those who record decisions and the drafters of the lead organisation (HAR-r2)."""
    version = intention.party.version
    lead = holders(version.framework, Perm.DRAFT, organisations=[version.protocol.lead_organisation_id])
    people = dict.fromkeys(holders(version.framework, Perm.DECIDE) + lead)
    queue("protocols.intention-given", people, version, key=intention.pk, now=now, intention=intention.pk)


def tell_not_signed_again(version, *, now):
    """To the representatives of the parties: an editorial version that they need not sign (HAR-2.3)."""
    parties = version.parties.values_list("organisation", flat=True)
    people = holders(version.framework, Perm.REPRESENT, organisations=parties)
    queue("protocols.not-signed-again", people, version, key=version.pk, now=now)


def tell_not_re_signed(version, *, now):
    """To the representatives of parties that did not sign the successor (SIG-new)."""
    left = version.parties.filter(status=Party.Status.NOT_RE_SIGNED).values_list("organisation", flat=True)
    people = holders(version.framework, Perm.REPRESENT, organisations=left)
    queue("protocols.not-re-signed", people, version, key=version.pk, now=now)


def tell_adopted(version, party, *, now):
    """To the drafters, and to the people of the organisation that adopted it (DUD-8)."""
    own = holders(version.framework, Perm.VIEW, organisations=[party.organisation_id])
    people = list(dict.fromkeys([*holders(version.framework, Perm.DRAFT), *own]))
    queue("protocols.adopted", people, version, key=version.pk, now=now)


def tell_pilot_ended(version, *, now):
    """To the drafters of the lead organisation and those who record decisions (DUD-11)."""
    lead = holders(version.framework, Perm.DRAFT, organisations=[version.protocol.lead_organisation_id])
    people = list(dict.fromkeys([*lead, *holders(version.framework, Perm.DECIDE)]))
    queue("protocols.pilot-ended", people, version, key=version.pk, now=now)


def tell_pilot_decided(version, *, now):
    """To the drafters and the representatives of the parties (DUD-11)."""
    parties = version.parties.values_list("organisation", flat=True)
    people = [
        *holders(version.framework, Perm.DRAFT),
        *holders(version.framework, Perm.REPRESENT, organisations=parties),
    ]
    queue("protocols.pilot-decided", dict.fromkeys(people), version, key=version.pk, now=now)


def tell_publication_review(decision, *, now):
    """To those who decide what is published: the day has come to look at it again (UK-pub)."""
    people = holders(decision.framework_id, Perm.DECIDE)
    queue("protocols.publication-review", people, decision.version, key=decision.pk, now=now, decision=decision.pk)


def newest_act(version) -> int:
    """Id of the newest ledger row about the version."""
    return AuditEvent.objects.about(version).order_by("-pk").values_list("pk", flat=True).first() or 0


def subject_of(email, perm) -> Version | None:
    """The version of a mail, if its reader may still see and do what the mail speaks of."""
    version = Version.objects.select_related("protocol", "framework").filter(pk=email.ids["version"]).first()
    if version is None:
        return None
    access = Access.of(email.user, version.framework)
    if not access.can(perm) or not Version.objects.visible_to(access).filter(pk=version.pk).exists():
        return None
    return version


def link(name, version) -> str:
    """The one link of a mail."""
    return absolute(reverse(name, args=[version.framework.slug, version.protocol.reference, version.number]))


def about(version, name) -> dict:
    """What every mail of this module says."""
    return {
        "reference": version.protocol.reference,
        "number": version.number,
        "framework_name": version.framework.name,
        "link": link(name, version),
    }


@notice("protocols.consultation-opened", why=PARTY)
def consultation_opened(email):
    """Open round only: after it is closed there is nothing left to ask for."""
    version = subject_of(email, Perm.COMMENT)
    consultation = Consultation.objects.filter(pk=email.ids["consultation"], closed_at__isnull=True).first()
    if version is None or consultation is None:
        return None
    return about(version, "consultation") | {"draft": consultation.draft, "closes_on": consultation.closes_on}


@notice("protocols.consultation-extended", why=PARTY)
def consultation_extended(email):
    """Unless it was extended once more since, which has a mail of its own."""
    version = subject_of(email, Perm.COMMENT)
    consultation = Consultation.objects.filter(pk=email.ids["consultation"], closed_at__isnull=True).first()
    if version is None or consultation is None or consultation.closes_on.isoformat() != email.ids["closes_on"]:
        return None
    return about(version, "consultation") | {"draft": consultation.draft, "closes_on": consultation.closes_on}


@notice("protocols.comments-wanted", why=PARTY)
def comments_wanted(email):
    """Only while comments are taken, and only to those who still have not commented."""
    version = subject_of(email, Perm.COMMENT)
    consultation = Consultation.objects.filter(pk=email.ids["consultation"]).first()
    if version is None or consultation is None or not consultation.takes_comments(clock.now()):
        return None
    if consultation.comments.filter(author=email.user).exists():
        return None
    return about(version, "consultation") | {"draft": consultation.draft, "closes_on": consultation.closes_on}


@notice("protocols.consultation-over", why=DRAFTER)
def consultation_over(email):
    """How many comments wait for a response, while the round is open."""
    version = subject_of(email, Perm.DRAFT)
    consultation = Consultation.objects.filter(pk=email.ids["consultation"], closed_at__isnull=True).first()
    if version is None or consultation is None:
        return None
    waiting = consultation.comments.filter(responded_at__isnull=True).count()
    facts = {"draft": consultation.draft, "closes_on": consultation.closes_on, "waiting": waiting}
    return about(version, "consultation") | facts


@notice("protocols.consultation-closed", why=PARTY)
def consultation_closed(email):
    """Responses can be read."""
    version = subject_of(email, Perm.COMMENT)
    consultation = Consultation.objects.filter(pk=email.ids["consultation"]).first()
    if version is None or consultation is None:
        return None
    return about(version, "consultation") | {"draft": consultation.draft, "comments": consultation.comments.count()}


@notice(
    "protocols.approval-asked", why=_("You get this message because you record the decisions of the deciding body.")
)
def approval_asked(email):
    """Only while it waits."""
    version = subject_of(email, Perm.DECIDE)
    if version is None or version.status != Version.Status.APPROVAL:
        return None
    return about(version, "approval") | {"draft": email.ids["draft"], "body": version.protocol.deciding_body}


@notice("protocols.approval-decided", why=DRAFTER)
def approval_decided(email):
    """The outcome, without its reasons."""
    version = subject_of(email, Perm.DRAFT)
    decision = Decision.objects.filter(pk=email.ids["decision"]).first()
    if version is None or decision is None:
        return None
    return about(version, "approval") | {"outcome": decision.get_outcome_display(), "decided_on": decision.decided_on}


@notice(
    "protocols.adopted",
    why=_("You get this message because you draft protocols here or your organisation has adopted this document."),
)
def adopted(email):
    """By which day's decision, and from when it applies."""
    version = subject_of(email, Perm.VIEW)
    adoption = Adoption.objects.filter(version=version).first()
    if version is None or adoption is None:
        return None
    return about(version, "version") | {"decided_on": adoption.decided_on, "in_force_from": version.in_force_from}


@notice(
    "protocols.pilot-ended",
    why=_(
        "You get this message because you draft for the lead organisation or record the decisions of the deciding body."
    ),
)
def pilot_ended(email):
    """Only while nobody has decided."""
    version = subject_of(email, Perm.VIEW)
    pilot = Pilot.objects.undecided().filter(version=version).first()
    if version is None or pilot is None or version.status != Version.Status.IN_FORCE:
        return None
    return about(version, "pilot") | {"ends_on": pilot.ends_on}


@notice(
    "protocols.pilot-decided",
    why=_("You get this message because you draft protocols here or represent a party of the pilot."),
)
def pilot_decided(email):
    """The outcome, without its reasons."""
    version = subject_of(email, Perm.VIEW)
    pilot = Pilot.objects.filter(version=version).exclude(outcome="").select_related("decision").first()
    if version is None or pilot is None or pilot.decision is None:
        return None
    return about(version, "pilot") | {
        "outcome": pilot.get_outcome_display().lower(),
        "decided_on": pilot.decision.decided_on,
    }


@notice("protocols.not-re-signed", why=_("You get this message because you represent an organisation that had signed."))
def not_re_signed(email):
    """The old version has ended for the organisation, and its signature did not move."""
    version = subject_of(email, Perm.REPRESENT)
    return version and about(version, "version")


@notice("protocols.publication-review", why=_("You get this message because you decide what is published."))
def publication_review(email):
    """Only while that decision holds."""
    version = subject_of(email, Perm.DECIDE)
    decision = Publication.objects.in_effect().filter(pk=email.ids["decision"]).first()
    if version is None or decision is None:
        return None
    return about(version, "publication") | {"decided_on": decision.decided_at, "level": decision.get_level_display()}


@notice(
    "protocols.intention-given",
    why=_("You get this message because you follow what the parties of this protocol intend."),
)
def intention_given(email):
    """Which party; what it said stands behind the link."""
    version = subject_of(email, Perm.VIEW_ALL)
    found = Intention.objects.filter(pk=email.ids["intention"]).select_related("party").first()
    if version is None or found is None:
        return None
    return about(version, "approval") | {"party": found.party.name}


@notice(
    "protocols.not-signed-again", why=_("You get this message because you represent an organisation that is a party.")
)
def not_signed_again(email):
    """From when it is in force."""
    version = subject_of(email, Perm.REPRESENT)
    return version and about(version, "version") | {"in_force_from": version.in_force_from}

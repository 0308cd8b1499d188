"""What a closed session hides outside its own tables: the chain of the ledger, and items of agendas (HAR-6.4)."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from breaches.models import Breach, Hearing
from breaches.models.session import CLOSED_CHAIN, attended
from portal import agenda
from portal.models.ledger import hide_chains


@hide_chains
def closed_chains(access) -> Q:
    """Closed chains but those of sessions that the reader may attend: left out whole, and not named."""
    names = attended(access).order_by().annotate(closed=Concat(Value(CLOSED_CHAIN), Cast("pk", CharField())))
    return Q(chain__startswith=CLOSED_CHAIN) & ~Q(chain__in=names.values("closed"))


@agenda.hide
def closed_sessions(access):
    """Items about a breach that is or was in closed session, for everybody who may not attend it: whatever was attached or
    minuted there behind closed doors stays there (a dismissed sanction leaves no trace). They have the page of the breach.

    A session that ended without a decision leaves the item of its own meeting hidden; the next meeting's is there again."""
    hidden = Breach.objects.exclude(pk__in=attended(access).order_by().values("pk")).order_by()
    before = (Breach.Status.REPORTED, Breach.Status.PRESENTED)
    later = Hearing.objects.filter(breach=OuterRef("breach"), pk__gt=OuterRef("pk"))
    ended = Hearing.objects.filter(Q(breach__status=Breach.Status.REPORTED) | Exists(later)).exclude(present=[])
    here = ended.filter(breach__in=hidden, breach=OuterRef("subject_id"), meeting=OuterRef("meeting"))
    return Q(subject_type=ContentType.objects.get_for_model(Breach)) & (
        Q(subject_id__in=hidden.exclude(status__in=before).values("pk")) | Q(Exists(here))
    )

"""What a closed session hides outside its own tables: the chain of the ledger, and items of agendas (HAR-6.4)."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from breaches.models import Breach
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
    """Items about a breach that is in closed session, for everybody who may not attend it."""
    running = Breach.objects.filter(framework=access.framework, status=Breach.Status.IN_CLOSED_SESSION)
    hidden = running.exclude(pk__in=attended(access).values("pk"))
    return Q(subject_type=ContentType.objects.get_for_model(Breach), subject_id__in=hidden.order_by().values("pk"))

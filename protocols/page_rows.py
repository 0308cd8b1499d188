"""What the page of a protocol reads of the database, as statements that are the same for every reader."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from portal.db.statements import prepared
from portal.models import Deadline
from protocols import arrangements
from protocols.models import Consulted, Protocol, Version
from protocols.register import REVIEWS, in_effect, signatories_of


@prepared
def versions_of(access, protocol):
    """Versions of the protocol with this id that the reader may see, with what its page tells of them."""
    parent = Protocol.objects.visible_to(access).filter(children=OuterRef("protocol"))
    consulted = Consulted.objects.filter(version=OuterRef("pk")).order_by("kind", "held_on", "pk")
    return (
        Version.objects.visible_to(access)
        .filter(protocol=protocol)
        .select_related("approval__board", "text_copy", "pilot")
        .annotate(
            level=in_effect("level"),
            publication_review_on=in_effect("review_on"),
            parent_visible=Exists(parent),
            arranged=arrangements.in_one(protocol),
            others_consulted=ArraySubquery(consulted.values(row=JSONObject(name="name", groups="groups"))),
        )
    )


@prepared
def parties_named(access, versions):
    """Parties of the versions with these ids, with the signatories' names."""
    return signatories_of(versions, framework=access.framework, user=access.user, names=True)


@prepared
def reviews_of(protocol):
    """Open reviews of the protocol with this id, the one that is due first at the top."""
    mine = Deadline.objects.open().filter(
        subject_type__app_label="protocols", subject_type__model="protocol", subject_id=protocol, rule__in=REVIEWS
    )
    return mine.order_by("due_at")[:1]

"""Deadlines are about reviews and their actions (portal.subjects)."""

from portal import subjects
from reviews.models import Action, Review

subjects.register(
    Review,
    subjects.Kind(
        visible_to=Review.objects.visible_to,
        words=str,
        href=Review.get_absolute_url,
        protocol=lambda review: review.protocol_id,
        to_protocol="protocol",
    ),
)
subjects.register(
    Action,
    subjects.Kind(
        visible_to=Action.objects.visible_to,
        words=lambda action: str(action.review),  # its text may name what is confidential
        href=Action.get_absolute_url,
        protocol=lambda action: action.review.protocol_id,
        to_protocol="review__protocol",
    ),
)

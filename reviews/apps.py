"""Reviews."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Reviews: imports portal and protocols only."""

    name = "reviews"

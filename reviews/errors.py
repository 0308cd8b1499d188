"""Errors of reviews that need more than words."""

from django.utils.translation import gettext as _

from portal.errors import StateError


class FindingClash(StateError):
    """Somebody else saved the finding since the form was loaded. Both texts are shown, neither is lost."""

    def __init__(self, finding):
        super().__init__(_("Somebody else changed this finding while you were writing."))
        self.finding = finding

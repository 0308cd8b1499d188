"""Errors of the documents that need more than words."""

from django.utils.translation import gettext as _

from portal.errors import StateError


class EditClash(StateError):
    """Someone else saved since the form was loaded. Both texts must be shown, neither lost."""

    def __init__(self, version):
        super().__init__(_("Someone else saved a change to this draft while you were editing."))
        self.version = version

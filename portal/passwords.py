"""A password may not be made of the words of this place (ASVS 6.2.11)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

CONTEXT_WORDS = ("concordat", "information sharing", "informationsharing", "protocol", "haringey", "anyshire")


class ContextWordsValidator:
    """Refuses passwords that are mostly a word everybody here would guess."""

    def validate(self, password, user=None):
        """Raise ValidationError if less than 8 characters remain without the words."""
        rest = password.lower()
        for word in CONTEXT_WORDS:
            rest = rest.replace(word, "")
        if rest != password.lower() and len(rest) < 8:
            raise ValidationError(_("Choose a password that is not built on the name of this service or its work."))

    def get_help_text(self):
        """Shown beside the field."""
        return _("Do not build it on the name of this service.")

"""Forms whose words are printed in documents: names, titles, addresses, capacities."""

from django.utils.translation import gettext as _

from portal.pdf import unsupported_characters

MOST_NAMED = 10  # characters in one message


class PrintedFormMixin:
    """Refuses, by its name, a character that the fonts of the documents do not have: it would break every PDF on
    which the words stand. ``printed``: the fields concerned; all visible ones if it is empty."""

    printed: tuple[str, ...] = ()

    def clean(self):
        """The cleaned data; an error on each field that holds such a character."""
        data = super().clean() or self.cleaned_data  # type: ignore[misc, attr-defined]
        for name, value in list(data.items()):
            field = self.fields[name]  # type: ignore[attr-defined]
            if not isinstance(value, str) or field.widget.is_hidden or (self.printed and name not in self.printed):
                continue
            if found := unsupported_characters(value):
                self.add_error(  # type: ignore[attr-defined]
                    name,
                    _("%(label)s has characters that cannot be printed: %(characters)s. Replace them.")
                    % {"label": field.label, "characters": ", ".join(found[:MOST_NAMED])},
                )
        return data

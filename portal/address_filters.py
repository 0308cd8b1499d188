"""Filters of a list that are kept in its address: a GET form, and every filter in use as a removable tag."""

from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.forms import GovForm
from portal.templatetags.dates import longdate


class AddressFilter(GovForm):
    """What makes no sense is shown as an error and narrows nothing."""

    mark_optional = False

    def in_use(self) -> list[tuple[str, str]]:
        """Each filter in use, as it stands in an address, in the order of the form. Needs `is_valid()` before."""
        found = [(name, self.cleaned_data.get(name)) for name in self.fields]
        return [(name, str(value)) for name, value in found if value not in (None, "")]

    def query(self) -> str:
        """The filters in use as the address of the list keeps them."""
        made = QueryDict(mutable=True)
        made.update(dict(self.in_use()))
        return made.urlencode()

    def tags(self, request) -> list[dict]:
        """The filters in use: what each is, and the address of the list without it."""
        tags = []
        for name, _value in self.in_use():
            query = request.GET.copy()
            for gone in (name, "page"):
                query.pop(gone, None)
            tags.append({"what": self.fields[name].label, "text": self.words(name), "href": f"?{query.urlencode()}"})
        return tags

    def words(self, name: str) -> str:
        """A filter in use as the person reads it: the label of a choice, a date in words, or what was typed."""
        field, value = self.fields[name], self.cleaned_data[name]
        if isinstance(value, date):
            return longdate(value)
        choices = getattr(field, "choices", None) or getattr(field.widget, "choices", [])
        if not choices:
            return str(value)
        return {str(key): label for key, label in choices}.get(str(value), "") or _("Not in the list")

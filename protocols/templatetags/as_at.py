"""The question for a date, on every page that can be shown as it stood on one."""

from django import template

from protocols.asked_date import AsAtForm

register = template.Library()


@register.inclusion_tag("protocols/as_at_choose.html")
def as_at_choose(form=None):
    """A box for the date behind one click. form: one that holds the date that is shown."""
    return {"form": form or AsAtForm()}

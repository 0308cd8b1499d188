"""Filter for the Markdown of clauses and summaries, as shown on pages."""

from django import template
from django.template.defaultfilters import linebreaksbr

from portal.markdown import TextTooLarge, markdown_to_html

register = template.Library()


@register.filter
def markdown(value, labels=None):
    """Markdown → HTML (raw HTML off). ``labels``: dictionary from clause uid to printed label, for references."""
    return shown(value or "", labels)


@register.simple_tag(takes_context=True)
def clause_text(context, value):
    """Text of a clause, its references resolved by the page's ``labels`` (dictionary from uid to label), if it has any."""
    return shown(value or "", context.get("labels"))


def shown(text, labels):
    """As Markdown; a text beyond its caps as it was typed, so that it takes no page away from its readers."""
    try:
        return markdown_to_html(text, labels)
    except TextTooLarge:
        return linebreaksbr(text, autoescape=True)

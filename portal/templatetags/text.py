"""Filter for the Markdown of clauses and summaries, as shown on pages."""

from django import template

from portal.markdown import markdown_to_html

register = template.Library()


@register.filter
def markdown(value, labels=None):
    """Markdown → HTML (raw HTML off). ``labels``: dictionary from clause uid to printed label, for references."""
    return markdown_to_html(value or "", labels)


@register.simple_tag(takes_context=True)
def clause_text(context, value):
    """Text of a clause, its references resolved by the page's ``labels`` (dictionary from uid to label), if it has any."""
    return markdown_to_html(value or "", context.get("labels"))

"""A comparison as PDF, in the print design of the protocols; made when asked for, never stored or sealed."""

import json

from django.utils import translation
from django.utils.translation import gettext as _

from portal.pdf import RenderError, render_pdf, unsupported_characters
from portal.templatetags.dates import longdatetime
from protocols import compare_page
from protocols.redline import compare
from protocols.redline_words import say

SECONDS = 40  # less than the web server waits


def comparison_pdf(old, new, *, only_changes, now) -> bytes:
    """The PDF of the comparison of two sides (protocols.comparing.Side). May raise RenderError, OSError, ValueError."""
    return render_comparison(old.text(), new.text(), names=(old.words, new.words), only_changes=only_changes, now=now)


def render_comparison(old: dict, new: dict, *, names: tuple[str, str], only_changes: bool, now) -> bytes:
    """The PDF of the comparison of two canonical documents, called by these names. Pure but for the renderer."""
    if missing := unsupported_characters(json.dumps([old, new], ensure_ascii=False)):
        raise RenderError(_("These characters cannot be printed: %(list)s") % {"list": ", ".join(missing[:10])})
    with translation.override(new["lang"]):
        # short names, as the running header of every page has to carry them
        facts = {"old": old["version"]["number"], "new": new["version"]["number"]}
        if facts["old"] == facts["new"]:
            facts = {"old": names[0].partition(" (")[0], "new": names[1].partition(" (")[0]}
        heading = _("Comparison of %(old)s with %(new)s") % facts
        context = compare_page.shown(compare(old, new, say=say), only_changes=only_changes) | {
            "v": new,
            "old_name": names[0],
            "new_name": names[1],
            "heading": heading,
            "header_words": _("%(heading)s, not a signed document") % {"heading": heading},
            "demonstration": old["demonstration"] or new["demonstration"],
            "only_changes": only_changes,
            "made_at": longdatetime(now),
        }
    return render_pdf(
        "pdf/comparison.html",
        context,
        title=f"{heading}: {new['protocol']['title']} ({new['protocol']['reference']})",
        lang=new["lang"],
        created=now,
        seconds=SECONDS,
    )

"""Finding versions by words: PostgreSQL full-text search, "english" for whole words, "simple" for beginnings of them.

Row-level security keeps an index on words from being used, because the operator is not leakproof. So a function of
the owner looks into the index and gives ids of the scope's own framework only; whoever calls it still filters by
visible_to() or by what is published (docs/adr: search).
"""

import re

from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

MOST_WORDS = 10


def beginnings(text: str) -> str:
    """The words of a text as PostgreSQL looks for what begins with them."""
    words = re.findall(r"[^\W_]+", text.lower())[:MOST_WORDS]
    return " & ".join(f"{word}:*" for word in words)


def hits(text: str, begun: str | None = None) -> RawSQL:
    """Ids of the versions in which every word of the text occurs, for `pk__in`. Needs the framework's scope.

    begun: its beginnings(), where they cannot be worked out here (portal.db.statements).
    """
    begun = beginnings(text) if begun is None else begun
    return RawSQL("select version_id from search_hits(%s, %s)", [begun, text], output_field=BigIntegerField())

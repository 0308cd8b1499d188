"""The page of a consultation: the draft as it was circulated, with comments, replies and responses at their clauses."""

from collections import defaultdict

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from portal.models import Membership, Organisation
from portal.permissions import ROLE_PERMISSIONS, Perm
from portal.templatetags.dates import longdate
from protocols.canonical import walk
from protocols.models import Comment
from protocols.models.consulted import people_words, total_words
from protocols.models.content import SCHEDULE
from protocols.pages import place
from protocols.reading import schedule_titles

OUTCOME_COLOURS = {
    Comment.Outcome.ACCEPTED: "green",
    Comment.Outcome.PARTLY: "teal",
    Comment.Outcome.NOT_ACCEPTED: "grey",
}


def organisations_of(access, version) -> list[Organisation]:
    """For which organisations the person may comment: their own, parties first of all."""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if Perm.COMMENT in perms]
    held = Membership.objects.live().filter(framework=access.framework, user=access.user, role__in=roles)
    own = Organisation.objects.filter(pk__in=held.values("organisation"))
    parties = own.filter(pk__in=version.parties.values("organisation"))
    return list(parties or (own if access.can(Perm.VIEW_ALL) else []))


def chosen(rounds, wanted):
    """The round asked for by its place (1, 2 …), else the newest."""
    if wanted.isdecimal() and len(wanted) < 5 and 1 <= int(wanted) <= len(rounds):
        return rounds[int(wanted) - 1]
    return rounds[-1] if rounds else None


class Thread:
    """What the reader may do under the comments of one round: answer (drafters), reply (who may comment)."""

    def __init__(self, request, version, found, *, now, organisations):
        self.request, self.version = request, version
        is_open = found is not None and found.closed_at is None
        self.answers = is_open and request.access.can(Perm.DRAFT)
        self.comments = is_open and bool(organisations) and found.takes_comments(now)
        self.replies = self.answers or self.comments

    def entries(self, comments) -> list[dict]:
        """Comments for the template, each with its thread and the addresses at which to go on."""
        return [
            {
                "comment": one,
                "replies": one.replies.all(),
                "outcome": one.get_outcome_display(),
                "colour": OUTCOME_COLOURS.get(one.outcome, "grey"),
                "respond_href": self.to("comment-respond", one) if self.answers else "",
                "reply_href": self.to("comment-reply", one) if self.replies else "",
            }
            for one in comments
        ]

    def to(self, name, comment) -> str:
        """The address of a form under a comment."""
        return place(self.request, name, self.version, comment.pk)

    def nodes(self, clauses, by_clause) -> list[dict]:
        """The clauses as dictionaries, each with its comments; those that find theirs are taken out of `by_clause`."""
        new = place(self.request, "comment-new", self.version)
        return [
            {
                "clause": clause,
                "name": name_of(clause),
                "text": text_shown(clause["text"]),
                "comments": self.entries(by_clause.pop(clause["uid"], [])),
                "comment_href": f"{new}?clause={clause['uid']}" if self.comments else "",
                "children": self.nodes(clause["children"], by_clause),
            }
            for clause in clauses
        ]


def clauses_of(issue) -> list[dict]:
    """The clauses of a draft as it was circulated; none if its text was not kept."""
    return issue.text()["clauses"] if issue is not None and issue.canonical_id else []


def by_clause_of(found) -> dict[str | None, list[Comment]]:
    """Comments of a round by the uid of their clause (None: on the whole), with what the page shows of each."""
    grouped: dict[str | None, list[Comment]] = defaultdict(list)
    if found is None:
        return grouped
    comments = found.comments.select_related("author", "organisation", "responded_by")
    for comment in comments.prefetch_related("replies__author", "replies__organisation"):
        grouped[str(comment.clause_uid) if comment.clause_uid else None].append(comment)
    return grouped


def labels_of(clauses) -> dict[str, str]:
    """Clause uid → what a reference to it prints, in the draft as it was circulated."""
    return {clause["uid"]: clause["label"] for _path, clause in walk(clauses)}


def name_of(clause) -> str:
    """How a clause is named in a link: number and title, else how it begins."""
    name = " ".join(filter(None, [clause["label"], clause["title"]]))
    if any(letter.isalnum() for letter in name):
        return name
    return f"{name} {Truncator(clause['text']).words(8)}".strip()


def text_shown(text) -> str:
    """The text; in place of a mark, which table the document prints there."""
    mark = SCHEDULE.fullmatch(text)
    title = schedule_titles().get(mark[1]) if mark else None
    return _("*The table “%(title)s” is printed here.*") % {"title": title} if title else text


def commented_on(clauses, by_clause) -> list[dict]:
    """The clauses that have comments, in the order of the text: where they stand on the page, and if one waits."""
    found = []
    for clause in clauses:
        if comments := by_clause.get(clause["uid"]):
            waits = any(not one.responded_at for one in comments)
            found.append({"anchor": f"c-{clause['uid']}", "name": name_of(clause), "waits": waits})
        found += commented_on(clause["children"], by_clause)
    return found


def issue_rows(request, version, issues) -> list[list]:
    """The drafts that were circulated to the reader: number, day, what was new, to whom (SIG-num, HAR-¶9)."""
    return [
        [
            {
                "value": _("Read draft %(draft)d") % {"draft": issue.number},
                "link": place(request, "draft-issue", version, issue.number) if issue.canonical_id else "",
            },
            longdate(issue.issued_at),
            issue.change or _("Circulated for consultation"),
            {"lines": [recipient.name for recipient in issue.recipients.all()], "empty": "–"},
        ]
        for issue in issues
    ]


def consulted_rows(rows) -> list[list]:
    """Who was consulted beside the parties (HAM-consult, KEN-5.2): name and kind, day, groups with their counts."""
    return [
        [
            {"value": row.name, "note": row.get_kind_display()},
            {"value": longdate(row.held_on) if row.held_on else "", "empty": _("No date")},
            {
                "lines": people_words(row.groups),
                "empty": _("Not counted"),
                "note": _("in all %(people)s") % {"people": total_words(row.groups)} if len(row.groups) > 1 else "",
            },
        ]
        for row in rows
    ]

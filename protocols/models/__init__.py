"""The tables of the documents."""

from protocols.models.adoption import Adoption
from protocols.models.arrangement import Arrangement
from protocols.models.circulation import DraftIssue, DraftRecipient
from protocols.models.consultation import Comment, Consultation, Reply
from protocols.models.consulted import Consulted
from protocols.models.content import Clause, DataItem, Purpose, Term
from protocols.models.edition import Edition
from protocols.models.flow import DataFlow
from protocols.models.intention import Intention
from protocols.models.joining import JoinRequest
from protocols.models.party import Party
from protocols.models.pilot import Pilot
from protocols.models.protocol import Protocol, RetiredReference, Tier
from protocols.models.publication import Publication
from protocols.models.related import RelatedDocument
from protocols.models.search import SearchEntry
from protocols.models.unsaved import UnsavedDraft
from protocols.models.version import Version

__all__ = [
    "Adoption",
    "Arrangement",
    "Clause",
    "Comment",
    "Consultation",
    "Consulted",
    "DataFlow",
    "DataItem",
    "DraftIssue",
    "DraftRecipient",
    "Edition",
    "Intention",
    "JoinRequest",
    "Party",
    "Pilot",
    "Protocol",
    "Publication",
    "Purpose",
    "RelatedDocument",
    "Reply",
    "RetiredReference",
    "SearchEntry",
    "Term",
    "Tier",
    "UnsavedDraft",
    "Version",
]

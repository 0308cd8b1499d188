"""Breaches of a protocol and what follows from them (rules.md section 5)."""

from breaches.models.breach import Breach, InBreach
from breaches.models.controller import Controller, ControllerRecord
from breaches.models.draft import ReportDraft
from breaches.models.notice import PartyNotice
from breaches.models.outcome import Minutes, Recall, Sanction
from breaches.models.report import Correction, WrittenReport
from breaches.models.session import BreakGlass, ClosedNote, ClosedSession, Hearing, Proposal, Vote

__all__ = [
    "Breach",
    "BreakGlass",
    "ClosedNote",
    "ClosedSession",
    "Controller",
    "ControllerRecord",
    "Correction",
    "Hearing",
    "InBreach",
    "Minutes",
    "PartyNotice",
    "Proposal",
    "Recall",
    "ReportDraft",
    "Sanction",
    "Vote",
    "WrittenReport",
]

"""Breaches of a protocol and what follows from them (rules.md section 5)."""

from breaches.models.breach import Breach, InBreach
from breaches.models.controller import Controller, ControllerRecord
from breaches.models.draft import ReportDraft
from breaches.models.notice import PartyNotice
from breaches.models.report import Correction, WrittenReport

__all__ = [
    "Breach",
    "Controller",
    "ControllerRecord",
    "Correction",
    "InBreach",
    "PartyNotice",
    "ReportDraft",
    "WrittenReport",
]

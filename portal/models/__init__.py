"""The tables of the foundation."""

from portal.models.agenda_item import AgendaItem, BoardPaper, Paper, Paragraph
from portal.models.board import Board
from portal.models.calendar import BankHoliday, ClosureDay
from portal.models.contact import Deputy, Skipped
from portal.models.deadline import Deadline, DeadlineChange
from portal.models.feed import CalendarFeed
from portal.models.files import StoredFile
from portal.models.job import Heartbeat, Job
from portal.models.ledger import AuditEvent, AuditPerson, ChainHead, LedgerSeal
from portal.models.meeting import Attendance, Decision, Meeting
from portal.models.minutes import Circulation, Minute, MinuteCorrection, Recipient
from portal.models.outbox import OutgoingEmail
from portal.models.partnership import Partnership, PartnershipMember
from portal.models.pause import Pause
from portal.models.people import (
    Framework,
    FrameworkGroupObjectPermission,
    FrameworkUserObjectPermission,
    Invitation,
    MemberOrganisation,
    Membership,
    Organisation,
    User,
)
from portal.models.public_pages import PublicPages
from portal.models.reminder import Reminder
from portal.models.saved_filter import SavedFilter
from portal.models.second_factor import SecondFactorProof
from portal.models.sign_in import SignIn

__all__ = [
    "AgendaItem",
    "Attendance",
    "AuditEvent",
    "AuditPerson",
    "BankHoliday",
    "Board",
    "BoardPaper",
    "CalendarFeed",
    "ChainHead",
    "Circulation",
    "ClosureDay",
    "Deadline",
    "DeadlineChange",
    "Decision",
    "Deputy",
    "Framework",
    "FrameworkGroupObjectPermission",
    "FrameworkUserObjectPermission",
    "Heartbeat",
    "Invitation",
    "Job",
    "LedgerSeal",
    "Meeting",
    "MemberOrganisation",
    "Membership",
    "Minute",
    "MinuteCorrection",
    "Organisation",
    "OutgoingEmail",
    "Paper",
    "Paragraph",
    "Partnership",
    "PartnershipMember",
    "Pause",
    "PublicPages",
    "Recipient",
    "Reminder",
    "SavedFilter",
    "SecondFactorProof",
    "SignIn",
    "Skipped",
    "StoredFile",
    "User",
]

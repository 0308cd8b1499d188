"""The tables of reviews."""

from reviews.models.finding import Action, Finding, InformalReport
from reviews.models.law import LawChange
from reviews.models.review import Consent, Review, Reviewer

__all__ = ["Action", "Consent", "Finding", "InformalReport", "LawChange", "Review", "Reviewer"]

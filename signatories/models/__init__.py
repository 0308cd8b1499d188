"""The tables of signing."""

from signatories.models.authority import Authority
from signatories.models.signature import Refusal, Signature, SignaturePerson

__all__ = ["Authority", "Refusal", "Signature", "SignaturePerson"]

"""Signatories: how a party comes to be bound: authority, invitation, signature."""

"""Protocols: the documents: tiers, text, versions, consultation, approval, register."""

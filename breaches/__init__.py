"""Breaches: the breach procedure."""

"""Concordat: the portal in which public bodies agree, sign, review and account for information sharing protocols."""

from portal.celery import app as celery_app

__version__ = "0.7.0"
__all__ = ["__version__", "celery_app"]

"""The Celery application, and all periodic work on one screen.

The database is the scheduler and Celery only the doorbell: a task finds "due and not done" in the
database, so a lost message loses nothing and a doubled one does nothing twice.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # expires: a sweep that waited longer than the next one is worth nothing
    "sweep": {"task": "portal.tasks.sweep", "schedule": 60.0, "options": {"expires": 55}},
}

"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections

gc.disable()  # nothing that is loaded now is garbage; to look for it again and again is a tenth of the start
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
call_command(
    "check", tags=["portal"]
)  # gunicorn runs no checks: unsafe settings stop the process here, with their hint
connections.close_all()  # web processes are forked from the one that loaded this: none inherits a connection
gc.enable()

"""Who may be in a closed session (HAR-6.4): the one rule, in the query and in PostgreSQL.

`breaches.models.session.attended` is the condition of every query; here are the functions on which row-level security
rests. They look across frameworks as well.
"""

from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import connection

from portal import tenancy


@contextmanager
def acting(breach, by):
    """The scope of the person who acts, so that PostgreSQL knows for whom it opens the closed tables.

    Raises PermissionDenied for everybody to whom the session is closed, whatever they may do elsewhere.
    """
    with tenancy.scope(breach.framework_id, user_id=by.pk):
        if not is_open_to_reader(breach):
            raise PermissionDenied
        yield


def is_open_to_reader(breach) -> bool:
    """Does row-level security open the closed session to the person of the scope?"""
    with connection.cursor() as cursor:
        cursor.execute("select closed_session_open(%s)", [breach.pk])
        return cursor.fetchone()[0]


def belongs(user, breach) -> bool:
    """Does the person belong to an organisation in breach, or did they since it was reported, in any framework?"""
    with connection.cursor() as cursor:
        cursor.execute("select breach_belongs(%s, %s)", [user.pk, breach.pk])
        return cursor.fetchone()[0]

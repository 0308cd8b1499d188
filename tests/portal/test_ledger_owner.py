"""The ledger against somebody who has the owner's rights: refused while triggers stand, found when they do not."""

import pytest
from django.db import transaction

from portal import ledger
from portal.tenancy import scope
from tests.builders import NOW, make_framework, make_version
from tests.databases import as_owner


def test_even_the_owner_meets_the_trigger(own_database):
    """ENABLE ALWAYS: the triggers refuse under session_replication_role = replica too."""
    framework = make_framework()
    with scope(framework.pk), transaction.atomic():
        make_version(framework=framework, status="approval")
    with as_owner(own_database) as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute("update portal_auditevent set verb = 'x'")


def test_a_changed_row_is_found(own_database):
    """Somebody with the owner's rights disables the trigger and changes a row: verify names it."""
    framework = make_framework()
    with scope(framework.pk), transaction.atomic():
        version = make_version(framework=framework, status="approved")
    ledger.seal(now=NOW)
    with as_owner(own_database) as cursor:
        cursor.execute("alter table portal_auditevent disable trigger refuse_change")
        cursor.execute("update portal_auditevent set payload = '{}' where seq = 2")
        cursor.execute("update portal_ledgerseal set root = root where false")
    assert (version.ledger_chain, 2, "content") in ledger.faults()

"""Row-level security, composite foreign keys, and evidence that refuses every change."""

from django.db import migrations

from portal.db import sql
from portal.db.operations import ProtectTenant


class Migration(migrations.Migration):
    dependencies = [("signatories", "0001_initial"), ("protocols", "0002_protection")]
    operations = [
        *[ProtectTenant(name) for name in ("Authority", "Signature", "SignaturePerson", "Refusal")],
        migrations.RunSQL(sql.append_only("signatories_signature") + sql.append_only("signatories_refusal")),
        migrations.RunSQL(sql.no_grants("signatories_signatureperson", "update", "delete")),
    ]

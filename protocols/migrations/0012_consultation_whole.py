"""Replies and outcomes, who else was consulted, notices of intention, parties bound by an earlier signature."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db import sql
from portal.db.operations import ProtectTenant

TWIN = """
alter table protocols_party add constraint protocols_party_signature_of_id_tenant
  foreign key (framework_id, signature_of_id) references protocols_party (framework_id, id) deferrable initially deferred;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0010_decision_facts"),
        ("protocols", "0011_public_register"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consulted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("event", "Event"), ("body", "Body that is no party")],
                        max_length=5,
                        verbose_name="What was it?",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="Name of the event or body")),
                ("held_on", models.DateField(blank=True, null=True, verbose_name="Date")),
                ("groups", models.JSONField(default=list)),
            ],
            options={
                "verbose_name_plural": "consulted",
                "ordering": ["kind", "held_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Intention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("will_sign", models.BooleanField(verbose_name="Does the organisation intend to sign?")),
                ("sign_by", models.DateField(blank=True, null=True, verbose_name="By when")),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="Note")),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["made_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=10000, verbose_name="Reply")),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "replies",
                "ordering": ["made_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="comment",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[("accepted", "Accepted"), ("partly", "Accepted in part"), ("not-accepted", "Not accepted")],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="signature_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="protocols.party"
            ),
        ),
        migrations.AlterField(
            model_name="party",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Not yet invited"),
                    ("invited", "Waiting for signature"),
                    ("signed", "Signed"),
                    ("adopted", "Adopted"),
                    ("declined", "Declined"),
                    ("suspended", "Suspended"),
                    ("excluded", "Excluded"),
                    ("withdrawn", "Withdrawn"),
                    ("not-re-signed", "Not re-signed"),
                    ("succeeded", "Succeeded"),
                    ("continued", "Bound by an earlier signature"),
                ],
                default="pending",
                max_length=15,
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome", ""), ("responded_at__isnull", False), _connector="OR"),
                name="comment_outcome_with_response",
            ),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "continued"), _negated=True),
                    models.Q(("signature_of__isnull", False), ("signed_at__isnull", True)),
                    _connector="OR",
                ),
                name="party_continued_has_signature",
            ),
        ),
        migrations.AddField(
            model_name="consulted",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="consulted",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="consulted", to="protocols.version"
            ),
        ),
        migrations.AddField(
            model_name="intention",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="intention",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="intention",
            name="party",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="intentions", to="protocols.party"
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="comment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="protocols.comment"
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.organisation"
            ),
        ),
        migrations.AddIndex(
            model_name="intention",
            index=models.Index(fields=["framework", "party", "-made_at"], name="intention_newest"),
        ),
        migrations.AddField(
            model_name="historicalparty",
            name="signature_of",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="protocols.party",
            ),
        ),
        migrations.AlterField(
            model_name="historicalparty",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Not yet invited"),
                    ("invited", "Waiting for signature"),
                    ("signed", "Signed"),
                    ("adopted", "Adopted"),
                    ("declined", "Declined"),
                    ("suspended", "Suspended"),
                    ("excluded", "Excluded"),
                    ("withdrawn", "Withdrawn"),
                    ("not-re-signed", "Not re-signed"),
                    ("succeeded", "Succeeded"),
                    ("continued", "Bound by an earlier signature"),
                ],
                default="pending",
                max_length=15,
            ),
        ),
        *[ProtectTenant(name) for name in ("Reply", "Consulted", "Intention")],
        migrations.RunSQL(TWIN, "alter table protocols_party drop constraint protocols_party_signature_of_id_tenant"),
        migrations.RunSQL(
            sql.append_only("protocols_reply") + sql.append_only("protocols_intention"), migrations.RunSQL.noop
        ),
    ]

"""Related documents of a version, frozen with it (HAR-9); procedures and managers of a protocol, which are not (HAR-8)."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from portal.db.operations import ProtectTenant

NEW = ["RelatedDocument", "HistoricalRelatedDocument", "Arrangement", "HistoricalArrangement"]


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0006_sign_ins"),
        ("protocols", "0008_unsaved_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalArrangement",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("local", "Local procedure"),
                            ("joint", "Joint procedure"),
                            ("manager", "Senior manager"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="Title")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not-started", "Not started"),
                            ("in-preparation", "In preparation"),
                            ("in-place", "In place"),
                        ],
                        default="not-started",
                        max_length=15,
                        verbose_name="Status",
                    ),
                ),
                ("owner", models.CharField(blank=True, max_length=200, verbose_name="Owner")),
                ("link", models.CharField(blank=True, max_length=500, verbose_name="Link")),
                ("changed_at", models.DateTimeField()),
                ("history_user_id", models.IntegerField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="portal.framework",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="portal.organisation",
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="protocols.protocol",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical arrangement",
                "verbose_name_plural": "historical arrangements",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRelatedDocument",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="Title")),
                ("owner", models.CharField(blank=True, max_length=200, verbose_name="Owner")),
                ("dated", models.DateField(blank=True, null=True, verbose_name="Date")),
                ("link", models.CharField(blank=True, max_length=500, verbose_name="Link")),
                ("history_user_id", models.IntegerField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="portal.framework",
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="protocols.protocol",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="protocols.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical related document",
                "verbose_name_plural": "historical related documents",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RelatedDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="Title")),
                ("owner", models.CharField(blank=True, max_length=200, verbose_name="Owner")),
                ("dated", models.DateField(blank=True, null=True, verbose_name="Date")),
                ("link", models.CharField(blank=True, max_length=500, verbose_name="Link")),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="protocols.protocol",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="related_documents",
                        to="protocols.version",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Arrangement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("local", "Local procedure"),
                            ("joint", "Joint procedure"),
                            ("manager", "Senior manager"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="Title")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not-started", "Not started"),
                            ("in-preparation", "In preparation"),
                            ("in-place", "In place"),
                        ],
                        default="not-started",
                        max_length=15,
                        verbose_name="Status",
                    ),
                ),
                ("owner", models.CharField(blank=True, max_length=200, verbose_name="Owner")),
                ("link", models.CharField(blank=True, max_length=500, verbose_name="Link")),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organisation",
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrangements",
                        to="protocols.protocol",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "title", "pk"],
                "indexes": [models.Index(fields=["framework", "protocol"], name="arrangement_protocol")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "joint"), ("organisation__isnull", True)),
                            models.Q(models.Q(("kind", "joint"), _negated=True), ("organisation__isnull", False)),
                            _connector="OR",
                        ),
                        name="arrangement_joint_or_of_one",
                    )
                ],
            },
        ),
        *[ProtectTenant(name) for name in NEW],
        migrations.RunSQL(
            "create trigger refuse_frozen_text before insert or update or delete on protocols_relateddocument"
            " for each row execute function refuse_frozen_text();",
            "drop trigger refuse_frozen_text on protocols_relateddocument;",
        ),
    ]

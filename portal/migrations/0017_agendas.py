"""Agendas, papers and attendance; decisions bound to meetings and items (HAR-6.3, DUD-17)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.db.operations import ProtectTenant

# the composite twins of the new keys of a table that is protected already (portal.db.operations)
TWINS = "".join(
    f"alter table portal_decision add constraint portal_decision_{column}_tenant foreign key (framework_id, {column})"
    f" references {table} (framework_id, id) deferrable initially deferred;"
    for column, table in (("meeting_id", "portal_meeting"), ("item_id", "portal_agendaitem"))
)
NO_TWINS = "".join(
    f"alter table portal_decision drop constraint portal_decision_{column}_tenant;"
    for column in ("meeting_id", "item_id")
)


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("portal", "0016_contacts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("present", models.BooleanField(default=False, verbose_name="Was there")),
                ("people", models.CharField(blank=True, max_length=300, verbose_name="By whom")),
            ],
            options={
                "ordering": ["organisation__name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="BoardPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sections", models.JSONField(default=list)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="Title")),
                ("pages", models.PositiveIntegerField(null=True)),
                ("restricted", models.BooleanField(default=False, verbose_name="Restricted")),
                (
                    "paragraph",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("partnership", "Partnership: restricted"),
                            ("12a-1", "Schedule 12A, paragraph 1: information relating to any individual"),
                            (
                                "12a-2",
                                "Schedule 12A, paragraph 2: information likely to reveal the identity of an individual",
                            ),
                            ("12a-3", "Schedule 12A, paragraph 3: financial or business affairs of any person"),
                            ("12a-4", "Schedule 12A, paragraph 4: consultations or negotiations on labour relations"),
                            ("12a-5", "Schedule 12A, paragraph 5: legal professional privilege"),
                            (
                                "12a-6",
                                "Schedule 12A, paragraph 6: a notice, order or direction that the authority proposes",
                            ),
                            ("12a-7", "Schedule 12A, paragraph 7: prevention, investigation or prosecution of crime"),
                        ],
                        max_length=12,
                        verbose_name="Why it is restricted",
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["added_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="meeting",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="portal.meeting",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="votes_against",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="Votes against"),
        ),
        migrations.AddField(
            model_name="decision",
            name="votes_for",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="Votes for"),
        ),
        migrations.AddField(
            model_name="meeting",
            name="agenda_sent_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(blank=True, max_length=60)),
                ("title", models.CharField(max_length=300, verbose_name="Title")),
                ("note", models.TextField(blank=True, max_length=5000, verbose_name="What is asked")),
                ("subject_id", models.BigIntegerField(null=True)),
                ("href", models.CharField(blank=True, max_length=300)),
                ("due_at", models.DateTimeField(null=True)),
                ("restricted", models.BooleanField(default=False, verbose_name="Restricted")),
                (
                    "paragraph",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("partnership", "Partnership: restricted"),
                            ("12a-1", "Schedule 12A, paragraph 1: information relating to any individual"),
                            (
                                "12a-2",
                                "Schedule 12A, paragraph 2: information likely to reveal the identity of an individual",
                            ),
                            ("12a-3", "Schedule 12A, paragraph 3: financial or business affairs of any person"),
                            ("12a-4", "Schedule 12A, paragraph 4: consultations or negotiations on labour relations"),
                            ("12a-5", "Schedule 12A, paragraph 5: legal professional privilege"),
                            (
                                "12a-6",
                                "Schedule 12A, paragraph 6: a notice, order or direction that the authority proposes",
                            ),
                            ("12a-7", "Schedule 12A, paragraph 7: prevention, investigation or prosecution of crime"),
                        ],
                        max_length=12,
                        verbose_name="Why it is restricted",
                    ),
                ),
                ("always_restricted", models.BooleanField(default=False)),
                ("order", models.PositiveSmallIntegerField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "framework",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="portal.meeting"
                    ),
                ),
                (
                    "subject_type",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
            options={
                "ordering": ["restricted", "order", "pk"],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="portal.agendaitem",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("item__isnull", True), ("meeting__isnull", True)),
                    models.Q(("board__isnull", False), ("meeting__isnull", False)),
                    _connector="OR",
                ),
                name="decision_meeting_of_a_board",
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="attendance", to="portal.meeting"
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.organisation"
            ),
        ),
        migrations.AddField(
            model_name="boardpaper",
            name="changed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="boardpaper",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="boardpaper",
            name="item",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="board_paper", to="portal.agendaitem"
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="added_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="framework",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portal.framework"
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="papers", to="portal.agendaitem"
            ),
        ),
        migrations.AddIndex(
            model_name="agendaitem",
            index=models.Index(fields=["framework", "meeting", "order"], name="agenda_item_order"),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                fields=("meeting", "kind", "subject_type", "subject_id"), name="agenda_item_subject_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("subject_id__isnull", True), ("subject_type__isnull", True)),
                    models.Q(("subject_id__isnull", False), ("subject_type__isnull", False)),
                    _connector="OR",
                ),
                name="agenda_item_subject_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("always_restricted", False), ("restricted", True), _connector="OR"),
                name="agenda_item_stays_restricted",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paragraph", ""), ("restricted", False)),
                    models.Q(("restricted", True), models.Q(("paragraph", ""), _negated=True)),
                    _connector="OR",
                ),
                name="agenda_item_restricted_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(fields=("meeting", "organisation"), name="attendance_once"),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paragraph", ""), ("restricted", False)),
                    models.Q(("restricted", True), models.Q(("paragraph", ""), _negated=True)),
                    _connector="OR",
                ),
                name="paper_restricted_why",
            ),
        ),
        *[ProtectTenant(name) for name in ("AgendaItem", "Attendance", "Paper", "BoardPaper")],
        migrations.RunSQL(TWINS, NO_TWINS),
    ]

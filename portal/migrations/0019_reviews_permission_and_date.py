"""The permission to hold reviews, for those who have its roles already; a day for the review of effectiveness (HAR-r5)."""

from django.db import migrations, models

# Grants follow from roles, but are made when a role begins: those who hold one already get the new permission here
GRANT = """
insert into auth_permission (name, content_type_id, codename)
  select 'review', id, 'review_protocol' from django_content_type where app_label = 'portal' and model = 'framework'
  on conflict do nothing;
insert into portal_frameworkuserobjectpermission (content_object_id, permission_id, user_id)
  select distinct m.framework_id, p.id, m.user_id from portal_membership m
    join portal_memberorganisation o on o.framework_id = m.framework_id and o.organisation_id = m.organisation_id
      and o.status = 'active'
    join portal_user u on u.id = m.user_id and u.is_active
    join django_content_type t on t.app_label = 'portal' and t.model = 'framework'
    join auth_permission p on p.content_type_id = t.id and p.codename = 'review_protocol'
  where m.role in ('drafter', 'secretary') and m.ended_at is null
  on conflict do nothing;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0018_minutes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="framework",
            options={
                "default_permissions": ("view",),
                "ordering": ["name"],
                "permissions": [
                    ("view_all_protocols", "view_all"),
                    ("draft_protocol", "draft"),
                    ("comment_on_draft", "comment"),
                    ("record_decision", "decide"),
                    ("read_ledger", "audit"),
                    ("represent_organisation", "represent"),
                    ("record_authority", "authorise"),
                    ("manage_organisation", "organisation"),
                    ("manage_members", "members"),
                    ("configure_framework", "configure"),
                    ("review_protocol", "review"),
                ],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="effectiveness_by",
            field=models.DateField(blank=True, null=True, verbose_name="Effectiveness reviewed by"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effectiveness_by__isnull", True),
                    ("outcome__in", ["approved", "approved-with-changes", "urgent"]),
                    _connector="OR",
                ),
                name="decision_effectiveness_approved",
            ),
        ),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
    ]

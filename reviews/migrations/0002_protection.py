"""Row-level security on reviews; findings are frozen when the review is completed; what is owed already is planned for."""

from django.db import migrations

from portal.db import sql
from portal.db.operations import ProtectTenant

MODELS = ["Review", "Reviewer", "Consent", "Finding", "InformalReport", "Action", "LawChange"]
FROZEN = """
-- A finding of a review that was completed is never changed or removed: a correction is a row of its own
create function reviews_finding_frozen() returns trigger language plpgsql as $$
begin
  if exists (select 1 from reviews_review r where r.id = old.review_id and r.completed_at is not null) then
    raise exception 'findings of a completed review do not change';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger frozen before update or delete on reviews_finding for each row execute function reviews_finding_frozen();
alter table reviews_finding enable always trigger frozen;
"""
NOT_FROZEN = "drop trigger frozen on reviews_finding; drop function reviews_finding_frozen();"
# Reviews that were owed before this release are opened in time too, and the catalogue of laws is looked at
PLANNED = """
insert into portal_job (framework_id, kind, subject_id, key, due_at, run_at, attempts, last_error)
  select framework_id, 'reviews.prepare', id, 'reviews.prepare:' || id, due_at - interval '3 months',
    due_at - interval '3 months', 0, ''
  from portal_deadline where rule in ('review.first', 'review.annual') and met_at is null and dropped_at is null
  on conflict do nothing;
insert into portal_job (framework_id, kind, subject_id, key, due_at, run_at, attempts, last_error)
  select distinct v.framework_id, 'reviews.laws', v.framework_id, 'reviews.laws:first', now(), now(), 0, ''
  from protocols_version v where v.completed_at is not null
  on conflict do nothing;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [
        *[ProtectTenant(name) for name in MODELS],
        migrations.RunSQL(sql.append_only("reviews_lawchange")),
        migrations.RunSQL(FROZEN, NOT_FROZEN),
        migrations.RunSQL(PLANNED, migrations.RunSQL.noop),
    ]

-- Of the mails: seconds that the oldest has waited past its moment; seconds since the oldest unsent one was queued, however
-- often it was tried; how many were given up, and for how many seconds the first of them has lain; for /readyz. Replaces the
-- function of this name in crossing.sql.
drop function outbox_health(timestamptz);
create function outbox_health(moment timestamptz) returns table (oldest double precision, unsent double precision, dead bigint,
  dead_for double precision)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select extract(epoch from moment - min(e.next_attempt_at) filter (where e.status in ('queued', 'sending')))::double precision,
    extract(epoch from moment - min(e.queued_at) filter (where e.status in ('queued', 'sending')))::double precision,
    count(*) filter (where e.status = 'dead'),
    extract(epoch from moment - min(e.next_attempt_at) filter (where e.status = 'dead'))::double precision
  from portal_outgoingemail e where e.status in ('queued', 'sending', 'dead')
$$;

-- The only ways across tenants; each gives ids or hashes, never text. Every row found is then handled in its own scope.

-- Frameworks and organisations in which the person holds a role now.
create function my_scopes(person bigint) returns table (framework_id bigint, organisation_id bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select distinct m.framework_id, m.organisation_id from portal_membership m
    join portal_memberorganisation o on o.framework_id = m.framework_id and o.organisation_id = m.organisation_id and o.status = 'active'
    join portal_user u on u.id = m.user_id and u.is_active
    where m.user_id = person and m.ended_at is null
$$;

-- Frameworks that have something to send or to do at this moment; null stands for the installation itself.
create function due_work(moment timestamptz) returns table (framework_id bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select e.framework_id from portal_outgoingemail e
    where (e.status = 'queued' and e.next_attempt_at <= moment) or (e.status = 'sending' and e.lease_until < moment)
  union
  select j.framework_id from portal_job j
    where j.done_at is null and j.given_up_at is null and j.run_at <= moment and (j.lease_until is null or j.lease_until < moment)
$$;

-- Roles that a person holds anywhere now, for the second-factor guard.
create function my_roles(person bigint) returns table (role varchar)
language sql stable security definer set search_path = pg_catalog, public as $$
  select distinct m.role from portal_membership m where m.user_id = person and m.ended_at is null
$$;

-- Age in seconds of the oldest mail that waits past its moment, and how many were given up; for /readyz.
create function outbox_health(moment timestamptz) returns table (oldest double precision, dead bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select extract(epoch from moment - min(e.next_attempt_at) filter (where e.status in ('queued', 'sending')))::double precision,
    count(*) filter (where e.status = 'dead') from portal_outgoingemail e where e.status in ('queued', 'sending', 'dead')
$$;

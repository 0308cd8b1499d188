-- HAR-6.4 below every query. The closed tables and the chain of the ledger that holds their acts open to nobody who
-- belongs to an organisation in breach, in whatever role and in whatever framework, nor to anybody who did so since the
-- breach was reported. Without a person in the scope (workers, commands) they are empty.

create function breach_belongs(person bigint, wanted bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (
    select 1 from breaches_inbreach i
      join breaches_breach b on b.id = i.breach_id
      join portal_membership m on m.organisation_id = i.organisation_id
      where i.breach_id = wanted and m.user_id = person and (m.ended_at is null or m.ended_at >= b.reported_at))
$$;

create function closed_session_open(wanted bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (
      select 1 from portal_membership m
        join portal_user u on u.id = m.user_id and u.is_active
        join portal_memberorganisation o
          on o.framework_id = m.framework_id and o.organisation_id = m.organisation_id and o.status = 'active'
        join breaches_breach b on b.framework_id = m.framework_id and b.id = wanted
        where m.user_id = nullif(current_setting('portal.user', true), '')::bigint and m.ended_at is null
          and (m.role in ('secretary', 'auditor', 'framework_admin') or (m.role in ('representative', 'drafter')
            and exists (select 1 from breaches_partynotice n where n.breach_id = wanted and n.organisation_id = m.organisation_id)))
    ) and not breach_belongs(nullif(current_setting('portal.user', true), '')::bigint, wanted)
  or exists (
      select 1 from breaches_breakglass g
        where g.breach_id = wanted and g.id = nullif(current_setting('portal.break_glass', true), '')::bigint)
$$;

revoke all on function breach_belongs(bigint, bigint) from public;
revoke all on function closed_session_open(bigint) from public;
grant execute on function breach_belongs(bigint, bigint), closed_session_open(bigint) to portal_app, portal_cross;

-- the chain is known by its name; the rest of the ledger is asked nothing
create policy closed_session on portal_auditevent as restrictive to portal_app, portal_cross
  using (case when chain like 'breach-closed:%' then closed_session_open(split_part(chain, ':', 2)::bigint) else true end)
  with check (true);

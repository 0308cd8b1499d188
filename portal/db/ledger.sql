-- The ledger's own machinery. Functions are owned by portal_owner and run with its rights (SECURITY DEFINER),
-- so the serving role needs no grant on the heads of the chains.

-- The bytes that are hashed: version first; no '|' joins, no timestamptz::text (time zone), no row_to_json (columns).
create function ledger_bytes(e portal_auditevent) returns bytea language sql immutable set search_path = pg_catalog, public as $$
  select convert_to(jsonb_build_array(e.form, e.framework_id, e.chain, e.seq, (extract(epoch from e.at) * 1000000)::bigint,
    e.verb, e.subject_type, e.subject_id, e.subject_label, e.request_id, e.payload, e.actor_commitment, e.prev)::text, 'UTF8')
$$;

create function ledger_append() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$
declare head portal_chainhead%rowtype;
begin
  -- shared with other writers, against the sealer: no row can appear behind a seal
  perform pg_advisory_xact_lock_shared(7240533101);
  new.id := nextval(pg_get_serial_sequence('public.portal_auditevent', 'id'));
  insert into portal_chainhead (chain, framework_id, seq, hash) values (new.chain, new.framework_id, 0, '') on conflict (chain) do nothing;
  select * into head from portal_chainhead where chain = new.chain for update;
  if head.framework_id is distinct from new.framework_id then
    raise exception 'ledger chain % belongs to another framework', new.chain;
  end if;
  new.seq := head.seq + 1;
  new.prev := head.hash;
  new.hash := encode(sha256(ledger_bytes(new)), 'hex');
  update portal_chainhead set seq = new.seq, hash = new.hash where chain = new.chain;
  return new;
end $$;
create trigger ledger_append before insert on portal_auditevent for each row execute function ledger_append();
alter table portal_auditevent enable always trigger ledger_append;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, tg_op;
end $$;

-- Every row since the last seal. Waits until no writer is open, so ids are complete up to the last one.
create function ledger_unsealed() returns table (id bigint, hash varchar) language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform pg_advisory_xact_lock(7240533101);
  return query select e.id, e.hash from portal_auditevent e
    where e.id > coalesce((select max(s.upto) from portal_ledgerseal s), 0) order by e.id limit 100000;
end $$;

-- Chains whose rows do not hash to what they say, or do not follow each other, or whose head differs. Empty: whole.
create function ledger_faults() returns table (chain varchar, seq bigint, fault text) language sql security definer set search_path = pg_catalog, public as $$
  with rows as (
    select e.chain, e.seq, e.hash, e.prev, encode(sha256(ledger_bytes(e)), 'hex') as now,
      lag(e.hash, 1, '') over (partition by e.chain order by e.seq) as before,
      lag(e.seq, 1, 0::bigint) over (partition by e.chain order by e.seq) as last
    from portal_auditevent e
  )
  select r.chain, r.seq, case when r.now <> r.hash then 'content' when r.prev <> r.before or r.seq <> r.last + 1 then 'order' end
    from rows r where r.now <> r.hash or r.prev <> r.before or r.seq <> r.last + 1
  union all
  select h.chain, h.seq, 'head' from portal_chainhead h
    where not exists (select 1 from portal_auditevent e where e.chain = h.chain and e.seq = h.seq and e.hash = h.hash)
$$;

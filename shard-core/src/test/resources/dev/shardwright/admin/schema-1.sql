-- The schema as its version 1 installed it: what an upgrade begins with.
create schema if not exists shardwright;
revoke all on schema shardwright from public;

create table if not exists shardwright.identity (
  only_row boolean primary key default true check (only_row),
  cluster text not null,
  shard text not null,
  version int4 not null
);

-- One row for each guarded table: what its guard function was made from.
create table if not exists shardwright.guard (
  schema_name text not null,
  table_name text not null,
  keyspace text not null,
  function_name text not null unique,
  epoch int8 not null,
  provisional boolean not null,
  owned int8multirange not null,
  primary key (schema_name, table_name)
);

create sequence if not exists shardwright.minimum_epoch as int8 minvalue 0 start 0;
create sequence if not exists shardwright.asserted_timeline as int8 minvalue 0 start 0;

create or replace function shardwright.timeline() returns pg_catalog.int8
language sql volatile set search_path = pg_catalog, pg_temp
as $body$
  select ('x' || lpad(left(pg_walfile_name(pg_current_wal_lsn()), 8), 16, '0'))::bit(64)::int8
$body$;

create or replace function shardwright.enter(router pg_catalog.int4, epoch pg_catalog.int8)
returns pg_catalog.text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $body$
declare
  minimum int8;
  asserted int8;
  present int8;
  identity text;
begin
  if router <> 0 then
    perform pg_advisory_lock_shared(1398210561, router);
  end if;
  select last_value into strict minimum from shardwright.minimum_epoch;
  if epoch < minimum then
    raise exception using
      errcode = 'SW002',
      message = format('router %s came at epoch %s, this database admits epoch %s and later',
        router, epoch, minimum),
      detail = json_build_object('epoch', epoch, 'minimumEpoch', minimum)::text,
      hint = 'Read the topology again, then connect.';
  end if;
  select last_value into strict asserted from shardwright.asserted_timeline;
  if asserted <> 0 and not pg_is_in_recovery() then
    present := shardwright.timeline();
    if present <> asserted then
      raise exception using
        errcode = 'SW003',
        message = format('the server is on timeline %s, the minimum epoch was asserted on %s',
          present, asserted),
        detail = json_build_object('timeline', present, 'assertedTimeline', asserted)::text,
        hint = 'After a fail-over the minimum epoch must be asserted again:'
          ' shardwright.raise_minimum_epoch.';
    end if;
  end if;
  select i.cluster || '/' || i.shard into identity from shardwright.identity i;
  if identity is null then
    raise exception using
      errcode = 'SW004',
      message = format('database %s is no shard', current_database()),
      hint = 'It was removed from its cluster. Read the topology again.';
  end if;
  return identity;
end
$body$;

create or replace function shardwright.raise_minimum_epoch(epoch pg_catalog.int8)
returns pg_catalog.int8
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $body$
declare
  minimum int8;
begin
  perform pg_advisory_xact_lock(1398210562, 0);
  select last_value into strict minimum from shardwright.minimum_epoch;
  if epoch < minimum then
    return minimum;
  end if;
  perform setval('shardwright.asserted_timeline', shardwright.timeline());
  perform setval('shardwright.minimum_epoch', epoch);
  return epoch;
end
$body$;

revoke all on all tables in schema shardwright from public;
revoke all on all sequences in schema shardwright from public;
revoke all on all functions in schema shardwright from public;

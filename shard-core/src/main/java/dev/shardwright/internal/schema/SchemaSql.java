package dev.shardwright.internal.schema;

/**
 * The text of the schema {@code shardwright}. Every statement may be run again, so that installing
 * is upgrading.
 *
 * <p>The minimum epoch, the timeline on which it was asserted and the newest mover's token are kept
 * in sequences used as registers ({@code last_value}), not in a table: a session of a role whose
 * default is REPEATABLE READ has its snapshot before {@code enter} holds the router's lock, and
 * would read an older row; of a sequence everyone sees the newest value.
 */
final class SchemaSql {
  /** Raised with every change of {@link #INSTALL} that older code cannot live with. */
  static final int VERSION = 2;

  private static final String TABLES =
      """
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

      -- Who carries a migration out: of two movers the one with the larger token.
      create table if not exists shardwright.mover (
        migration int4 primary key,
        token int8 not null
      );

      -- What a migration has made, or was about to make, here: "drop <kind> <name>" undoes it.
      create table if not exists shardwright.migration_object (
        migration int4 not null,
        place int4 not null,
        kind text not null,
        name text not null,
        primary key (migration, place),
        unique (migration, kind, name)
      );

      -- How far the copy has come, on the side that is copied to.
      create table if not exists shardwright.copy_position (
        migration int4 not null,
        table_number int4 not null,
        lane int4 not null,
        position text[],
        complete boolean not null,
        rows int8 not null,
        bytes int8 not null,
        primary key (migration, table_number, lane)
      );

      -- What a migration has taken from this shard, until the topology does not list it any more.
      create table if not exists shardwright.given_up (
        migration int4 primary key,
        keyspace text not null,
        ranges int8multirange not null
      );

      create sequence if not exists shardwright.minimum_epoch as int8 minvalue 0 start 0;
      create sequence if not exists shardwright.asserted_timeline as int8 minvalue 0 start 0;
      create sequence if not exists shardwright.newest_mover as int8 minvalue 0 start 0;
      """;

  /** The name of a WAL file begins with eight hexadecimal digits of the timeline. */
  private static final String TIMELINE =
      """
      create or replace function shardwright.timeline() returns pg_catalog.int8
      language sql volatile set search_path = pg_catalog, pg_temp
      as $body$
        select ('x' || lpad(left(pg_walfile_name(pg_current_wal_lsn()), 8), 16, '0'))::bit(64)::int8
      $body$;
      """;

  /**
   * First the lock, then, in statements of their own, the checks: whoever raises the minimum epoch
   * and then looks for holders of the lock either finds this session or is seen by it. A refused
   * session keeps the lock until it is closed. A standby cannot know its timeline, and does without
   * that check.
   */
  private static final String ENTER =
      """
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
          perform pg_advisory_lock_shared(@ROUTER@, router);
        end if;
        select last_value into strict minimum from shardwright.minimum_epoch;
        if epoch < minimum then
          raise exception using
            errcode = '@STALE_EPOCH@',
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
              errcode = '@TIMELINE_CHANGED@',
              message = format('the server is on timeline %s, the minimum epoch was asserted on %s',
                present, asserted),
              detail = json_build_object('timeline', present, 'assertedTimeline', asserted)::text,
              hint = 'After a fail-over the leader of the rebalancer lets routers in again;'
                ' without one: shardwright.readmit with the epoch of the topology.';
          end if;
        end if;
        select i.cluster || '/' || i.shard into identity from shardwright.identity i;
        if identity is null then
          raise exception using
            errcode = '@WRONG_DATABASE@',
            message = format('database %s is no shard', current_database()),
            hint = 'It was removed from its cluster. Read the topology again.';
        end if;
        return identity;
      end
      $body$;
      """;

  /**
   * Only grows. Says nothing of a server that was promoted since: rows may be missing there, and
   * who raises the minimum for one range move knows nothing of the others.
   */
  private static final String RAISE_MINIMUM_EPOCH =
      """
      create or replace function shardwright.raise_minimum_epoch(epoch pg_catalog.int8)
      returns pg_catalog.int8
      language plpgsql volatile set search_path = pg_catalog, pg_temp
      as $body$
      declare
        minimum int8;
        asserted int8;
      begin
        perform pg_advisory_xact_lock(@INSTALL@, 0);
        select last_value into strict minimum from shardwright.minimum_epoch;
        if epoch < minimum then
          return minimum;
        end if;
        perform setval('shardwright.minimum_epoch', epoch);
        select last_value into strict asserted from shardwright.asserted_timeline;
        if asserted = 0 then
          perform setval('shardwright.asserted_timeline', shardwright.timeline());
        end if;
        return epoch;
      end
      $body$;
      """;

  /**
   * Lets routers in on a server that was promoted, once nothing that they might read is missing.
   * The timeline is recorded last: until then nobody is admitted, so half of this done refuses too
   * much, not too little.
   */
  private static final String READMIT =
      """
      create or replace function shardwright.readmit(epoch pg_catalog.int8)
      returns pg_catalog.int8
      language plpgsql volatile set search_path = pg_catalog, pg_temp
      as $body$
      declare
        minimum int8 := shardwright.raise_minimum_epoch(epoch);
      begin
        if minimum = epoch then
          perform setval('shardwright.asserted_timeline', shardwright.timeline());
        end if;
        return minimum;
      end
      $body$;
      """;

  /**
   * The only way to write a register. First the lock, then, in statements of their own, what the
   * register says: it never goes back, whoever comes late. A helper whose role commits without
   * waiting for the disk waits here, since what it was told must hold after a crash.
   */
  private static final String ADVANCE =
      """
      create or replace function shardwright.advance(
        migration pg_catalog.int4, value pg_catalog.int8) returns pg_catalog.int8
      language plpgsql volatile strict security definer set search_path = pg_catalog, pg_temp
      as $body$
      declare
        register text := 'shardwright.register_' || migration;
        present int8;
        asserted int8;
        timeline int8;
      begin
        perform pg_advisory_xact_lock(@ADVANCE@, migration);
        if to_regclass(register) is null then
          return null;
        end if;
        execute 'select last_value from shardwright.register_timeline_' || migration
          into strict asserted;
        timeline := shardwright.timeline();
        if asserted <> timeline then
          raise exception using
            errcode = '@TIMELINE_CHANGED@',
            message = format(
              'the server is on timeline %s, the register of migration %s was asserted on %s',
              timeline, migration, asserted),
            detail = json_build_object('migration', migration, 'timeline', timeline,
              'assertedTimeline', asserted)::text,
            hint = 'The rebalancer asserts it again: wait.';
        end if;
        execute 'select last_value from ' || register into strict present;
        if value <= present then
          return present;
        end if;
        if current_setting('synchronous_commit') = 'off' then
          perform set_config('synchronous_commit', 'on', true);
        end if;
        perform setval(register, value);
        return value;
      end
      $body$;
      """;

  /**
   * For the leader, who has the value from the topology. The timeline comes last: half of this done
   * refuses too much, not too little.
   */
  private static final String ASSERT_REGISTER =
      """
      create or replace function shardwright.assert_register(
        migration pg_catalog.int4, value pg_catalog.int8) returns pg_catalog.int8
      language plpgsql volatile strict set search_path = pg_catalog, pg_temp
      as $body$
      declare
        register text := 'shardwright.register_' || migration;
        present int8;
      begin
        perform pg_advisory_xact_lock(@ADVANCE@, migration);
        if to_regclass(register) is null then
          return null;
        end if;
        execute 'select last_value from ' || register into strict present;
        if value > present then
          perform setval(register, value);
          present := value;
        end if;
        perform setval('shardwright.register_timeline_' || migration, shardwright.timeline());
        return present;
      end
      $body$;
      """;

  /**
   * Marks the transaction as the mover's, and keeps other movers out until it ends. The mark names
   * the transaction, so that it means nothing in another one.
   */
  private static final String BEGIN_MOVER =
      """
      create or replace function shardwright.begin_mover(
        migration pg_catalog.int4, token pg_catalog.int8) returns void
      language plpgsql volatile strict set search_path = pg_catalog, pg_temp
      as $body$
      declare
        present int8;
      begin
        select m.token into present from shardwright.mover m
          where m.migration = begin_mover.migration for share;
        if present is distinct from token then
          raise exception using
            errcode = '@MOVER_SUPERSEDED@',
            message = format('migration %s has a mover with token %s, this one has token %s',
              migration, coalesce(present::text, 'none'), token),
            detail = json_build_object('migration', migration, 'token', token,
              'presentToken', present)::text;
        end if;
        perform set_config('shardwright.mover', migration || ':' || pg_current_xact_id(), true);
      end
      $body$;
      """;

  /**
   * Makes a mover the one of a migration, unless a later leader has been here, for whatever
   * migration: the row goes when the migration is over, and what remains to tell a late mover so is
   * the register.
   */
  private static final String TAKE_OVER =
      """
      create or replace function shardwright.take_over(
        migration pg_catalog.int4, token pg_catalog.int8) returns void
      language plpgsql volatile strict set search_path = pg_catalog, pg_temp
      as $body$
      declare
        newest int8;
      begin
        perform pg_advisory_xact_lock(@ADVANCE@, 0);
        select last_value into strict newest from shardwright.newest_mover;
        if token < newest then
          raise exception using
            errcode = '@MOVER_SUPERSEDED@',
            message = format('a mover with token %s has been here, this one of migration %s has token %s',
              newest, migration, token),
            detail = json_build_object('migration', migration, 'token', token,
              'presentToken', newest)::text;
        end if;
        perform setval('shardwright.newest_mover', token);
        insert into shardwright.mover as m values (migration, token)
          on conflict on constraint mover_pkey do update set token = excluded.token
          where m.token < excluded.token;
      end
      $body$;
      """;

  private static final String RIGHTS =
      """
      revoke all on all tables in schema shardwright from public;
      revoke all on all sequences in schema shardwright from public;
      revoke all on all functions in schema shardwright from public;
      """;

  static final String INSTALL =
      (TABLES
              + TIMELINE
              + ENTER
              + RAISE_MINIMUM_EPOCH
              + READMIT
              + ADVANCE
              + ASSERT_REGISTER
              + BEGIN_MOVER
              + TAKE_OVER
              + RIGHTS)
          .replace("@ROUTER@", Integer.toString(AdvisoryLocks.ROUTER))
          .replace("@INSTALL@", Integer.toString(AdvisoryLocks.INSTALL))
          .replace("@ADVANCE@", Integer.toString(AdvisoryLocks.ADVANCE))
          .replace("@MOVER_SUPERSEDED@", SqlStates.MOVER_SUPERSEDED)
          .replace("@STALE_EPOCH@", SqlStates.STALE_EPOCH)
          .replace("@TIMELINE_CHANGED@", SqlStates.TIMELINE_CHANGED)
          .replace("@WRONG_DATABASE@", SqlStates.WRONG_DATABASE);

  private SchemaSql() {}
}

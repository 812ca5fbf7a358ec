package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.AdvisoryLocks;
import dev.shardwright.internal.schema.SqlStates;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.RangeMove;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The text of the functions behind the triggers of a range move.
 *
 * <p>The ranges stand in the bodies as literals, which each session parses once. Each expression
 * that is reached is prepared once for each transaction: most rows that are written do not move,
 * and meet one or two. The functions run with the rights of the admin role, since the app role may
 * read neither registers nor logs, and without a SET, which would be paid for each row.
 */
final class TriggerFunctions {
  /**
   * Whether {@code begin_mover} has marked this transaction. The mark is a setting, which anyone
   * can make; so it counts only in sessions of those who might have called {@code begin_mover}.
   */
  private static final String BY_MOVER =
      """
      ((pg_catalog.current_setting('shardwright.mover', true) operator(pg_catalog.=)
            pg_catalog.concat('%d:', pg_catalog.pg_current_xact_id()))
          and pg_catalog.pg_has_role(session_user, current_user, 'MEMBER')) is true""";

  /** What {@code shardwright.timeline()} says, without the price of calling it for each row. */
  private static final String TIMELINE =
      """
      pg_catalog.concat('x', pg_catalog.lpad(pg_catalog."left"(pg_catalog.pg_walfile_name(
          pg_catalog.pg_current_wal_lsn()), 8), 16, '0'))::pg_catalog."bit"(64)::pg_catalog.int8""";

  private TriggerFunctions() {}

  /**
   * The gate, which captures what it lets pass: one call for each row rather than two. It takes the
   * lock that the mover waits for, and only then, in statements of their own, reads the registers:
   * the mover that raises the register either waits for this transaction or is seen by it. In one
   * statement with the lock the value from before the wait would come back.
   *
   * <p>It raises where the row is not accepted, rather than skip it: the caller would be told of no
   * rows, and believe it.
   *
   * <p>The primary key is logged before the row is written, and is the one that will be: no trigger
   * that could change it fires after this one, none of its columns is generated, and an update
   * holds the row's lock already. Log and row are of one transaction, so whoever sees the one sees
   * the other. The lock is taken before the log gives a position, on which the low-water mark of
   * the log relies. A row that is not written after all, as in {@code ON CONFLICT DO NOTHING}, is
   * logged in vain. Of an update each side is logged only if its own token is in the ranges: the
   * mover deletes and copies the keys that it finds, and has no business with others.
   */
  static String gate(MoveOnShard where, MovedTable table, List<KeyColumn> key) {
    RangeMove move = where.move();
    String body =
        """
        declare
          token pg_catalog.int8;
          present pg_catalog.int8;
          asserted pg_catalog.int8;
          timeline pg_catalog.int8;
          logged boolean;
        begin
          if %s or %s then
            if not %s then
              perform pg_catalog.pg_advisory_xact_lock_shared(%d, %d);
              select r.last_value into strict asserted from %s r;
              timeline := %s;
              if asserted operator(pg_catalog.<>) timeline then
                raise exception using
                  errcode = '%s',
                  message = pg_catalog.format(%s, timeline, asserted),
                  detail = pg_catalog.jsonb_build_object('migration', %d, 'timeline', timeline,
                    'assertedTimeline', asserted)::pg_catalog.text,
                  hint = 'The rebalancer asserts it again: wait.';
              end if;
              select r.last_value into strict present from %s r;
              if (present operator(pg_catalog.%%) 2) operator(pg_catalog.<>) %d then
                token := case when %s then %s else %s end;
                raise exception using
                  errcode = '%s',
                  message = %s,
                  detail = pg_catalog.jsonb_build_object('migration', %d, 'value', present,
                    'keyspace', %s, 'token', token, 'owner', %s)::pg_catalog.text,
                  hint = 'Read the topology again and send the row to the shard that owns it.';
              end if;
              if %s then
                insert into %s (%s) values (%s);
                logged := true;
              end if;
              if %s then
                if logged is not true or row(%s)::pg_catalog.record operator(pg_catalog.*<>)
                    row(%s)::pg_catalog.record then
                  insert into %s (%s) values (%s);
                end if;
              end if;
            end if;
          end if;
          if tg_op operator(pg_catalog.=) 'DELETE' then
            return old;
          end if;
          return new;
        end
        """
            .formatted(
                table.inRanges("old", move.ranges()),
                table.inRanges("new", move.ranges()),
                byMover(move.number()),
                AdvisoryLocks.GATE,
                move.number(),
                ObjectNames.timelineRegister(move.number()),
                TIMELINE,
                SqlStates.TIMELINE_CHANGED,
                SqlText.literal(
                    "the server is on timeline %s, the register of migration "
                        + move.number()
                        + " was asserted on %s"),
                move.number(),
                ObjectNames.register(move.number()),
                where.acceptsEven() ? 0 : 1,
                table.inRanges("new", move.ranges()),
                table.token("new"),
                table.token("old"),
                SqlStates.RANGE_MOVED,
                SqlText.literal(
                    "range move %d has this row of %s on another shard than %s"
                        .formatted(move.number(), table.name(), where.shard())),
                move.number(),
                SqlText.literal(move.keyspace()),
                SqlText.literal((where.acceptsEven() ? move.target() : move.source()).value()),
                table.inRanges("old", move.ranges()),
                ObjectNames.keyLog(move.number(), table.number()),
                logColumns(key),
                values(key, "old"),
                table.inRanges("new", move.ranges()),
                values(key, "old"),
                values(key, "new"),
                ObjectNames.keyLog(move.number(), table.number()),
                logColumns(key),
                values(key, "new"));
    return define(ObjectNames.gateFunction(move.number(), table.number()), body);
  }

  /**
   * The key log that the gate writes. A key without a value is in it no longer than until the table
   * refuses its row, by the name of the column that the caller knows.
   */
  static String keyLog(int migration, MovedTable table, List<KeyColumn> key) {
    return "create table if not exists %s (log_position int8 generated always as identity primary key, %s)"
        .formatted(
            ObjectNames.keyLog(migration, table.number()),
            IntStream.range(0, key.size())
                .mapToObj(i -> "k" + (i + 1) + " " + key.get(i).type())
                .collect(Collectors.joining(", ")));
  }

  /** TRUNCATE fires no row trigger: nobody would be told which rows went. */
  static String refuseTruncate(int migration) {
    return define(
        ObjectNames.truncateFunction(migration),
        """
        begin
          raise exception using
            errcode = 'object_in_use',
            message = pg_catalog.format('cannot truncate %%I.%%I while rows of it move', tg_table_schema,
              tg_table_name),
            hint = 'Use DELETE, or wait until migration %d has ended.';
        end
        """
            .formatted(migration));
  }

  /** A function that lets everything be, in place of one of these. */
  static String neutral(String name) {
    return define(
        name,
        """
        begin
          if tg_level operator(pg_catalog.=) 'STATEMENT' then
            return null;
          end if;
          if tg_op operator(pg_catalog.=) 'DELETE' then
            return old;
          end if;
          return new;
        end
        """);
  }

  private static String define(String name, String body) {
    return "create or replace function %s() returns trigger language plpgsql security definer as %s; revoke all on function %s() from public"
        .formatted(name, SqlText.literal(body), name);
  }

  private static String byMover(int migration) {
    return BY_MOVER.formatted(migration);
  }

  private static String logColumns(List<KeyColumn> key) {
    return IntStream.rangeClosed(1, key.size())
        .mapToObj(i -> "k" + i)
        .collect(Collectors.joining(", "));
  }

  private static String values(List<KeyColumn> key, String row) {
    return list(key, column -> column.of(row));
  }

  private static String list(List<KeyColumn> key, Function<KeyColumn, String> form) {
    return key.stream().map(form).collect(Collectors.joining(", "));
  }
}

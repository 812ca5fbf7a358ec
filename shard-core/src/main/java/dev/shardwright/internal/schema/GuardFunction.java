package dev.shardwright.internal.schema;

import com.google.common.hash.Hashing;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.topology.TableName;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The text of a guard's function.
 *
 * <p>The owned tokens stand in the function's body as literals: the plan of the expression, with
 * the parsed multirange, is kept for the session, where a literal in the trigger's WHEN would be
 * parsed again for each statement. Every name is qualified, so that the function means the same
 * under any search_path without a SET, which would be paid for each row. Each expression that is
 * reached is prepared once for each transaction; so what a row that belongs here meets is two.
 */
final class GuardFunction {
  /**
   * Whether a mover deletes the row in a transaction that {@code begin_mover} has marked: what a
   * range move leaves behind is removed after the guard refuses it. Anyone can make the mark, which
   * is a setting; what it allows is no more than to delete rows that are not this shard's.
   */
  private static final String REMOVED_BY_MOVER =
      """
      ((tg_op operator(pg_catalog.=) 'DELETE' and pg_catalog.split_part(
              pg_catalog.current_setting('shardwright.mover', true), ':', 2)
              operator(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.text) is true)""";

  private GuardFunction() {}

  /** The function's name: short and of plain letters, whatever the table is called. */
  static String nameFor(TableName table) {
    String hash =
        Hashing.sha256()
            .hashString(table.schema() + '\0' + table.name(), StandardCharsets.UTF_8)
            .toString();
    return "guard_" + hash.substring(0, 32);
  }

  static String create(Guard guard) {
    return "create or replace function shardwright."
        + nameFor(guard.tableName())
        + "() returns trigger language plpgsql as "
        + SqlText.literal(body(guard));
  }

  private static String body(Guard guard) {
    return """
        declare
          token pg_catalog.int8;
        begin
          if %s or %s then
            if not %s then
              token := %s;
              raise exception using
                errcode = '%s',
                message = %s,
                detail = pg_catalog.jsonb_build_object(%s)::pg_catalog.text,
                hint = 'Read the topology again and send the row to the shard that owns it.';
            end if;
          end if;
          if tg_op operator(pg_catalog.=) 'DELETE' then
            return old;
          end if;
          return new;
        end
        """
        .formatted(
            isStray(guard, "old"),
            isStray(guard, "new"),
            REMOVED_BY_MOVER,
            strayToken(guard),
            SqlStates.ROW_NOT_HERE,
            SqlText.literal(message(guard)),
            detail(guard));
  }

  /**
   * Of an absent row, old in an INSERT and new in a DELETE, every column reads as null, and so does
   * the comparison: neither true nor false.
   */
  private static String isStray(Guard guard, String row) {
    String byToken =
        guard
            .tokens()
            .map(tokens -> isStray(guard, tokens, row))
            .orElse(Boolean.toString(guard.owned().isEmpty()));
    return guard
        .table()
        .regionColumn()
        .map(column -> isForeign(guard, row, column) + " or " + byToken)
        .orElse(byToken);
  }

  private static String isStray(Guard guard, TokenFunction tokens, String row) {
    return "(%s operator(pg_catalog.<@) %s::pg_catalog.int8multirange) is false"
        .formatted(token(guard, tokens, row), SqlText.literal(SqlText.multirange(guard.owned())));
  }

  private static String isForeign(Guard guard, String row, String column) {
    return "(%s.%s::pg_catalog.text operator(pg_catalog.<>) %s::pg_catalog.text) is true"
        .formatted(row, SqlText.identifier(column), SqlText.literal(guard.region().name()));
  }

  /** The token that is not owned; null if it is the region that is another. */
  private static String strayToken(Guard guard) {
    return guard
        .tokens()
        .map(
            tokens ->
                "case when %s then %s when %s then %s end"
                    .formatted(
                        isStray(guard, tokens, "new"),
                        token(guard, tokens, "new"),
                        isStray(guard, tokens, "old"),
                        token(guard, tokens, "old")))
        .orElse("null");
  }

  private static String token(Guard guard, TokenFunction tokens, String row) {
    return tokens.sqlToken(row + "." + key(guard));
  }

  private static String key(Guard guard) {
    return SqlText.identifier(guard.table().keyColumn().orElseThrow());
  }

  private static String message(Guard guard) {
    return "this row of %s does not belong on shard %s".formatted(guard.tableName(), guard.shard());
  }

  private static String detail(Guard guard) {
    return "'shard', %s, 'keyspace', %s, 'table', %s, 'token', token, 'epoch', %s"
        .formatted(
            SqlText.literal(guard.shard().value()),
            SqlText.literal(guard.keyspace()),
            SqlText.literal(guard.tableName().toString()),
            guard.epoch());
  }

  /** For people who look at the function. */
  static String comment(Guard guard) {
    Optional<String> key = guard.table().keyColumn();
    return "ownership guard of %s%s, keyspace %s, made at epoch %s"
        .formatted(
            guard.tableName(),
            key.map(column -> ", sharding key " + column).orElse(""),
            guard.keyspace(),
            guard.epoch());
  }
}

package dev.shardwright.rebalance.internal.capture;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A trigger of a range move, which fires under any {@code session_replication_role}.
 *
 * @param name of the trigger
 * @param table that it is on
 * @param event when it fires, with a place for the table
 * @param function what it calls, with its schema
 */
record MoveTrigger(String name, TableName table, String event, String function) {
  /** Looks at the catalogs only; what is missing with its function or table is no error. */
  private static final String MISSING =
      "select w.place from unnest(?::text[], ?::text[], ?::text[])"
          + " with ordinality as w (relation, name, function, place)"
          + " where not exists (select from pg_trigger t where t.tgrelid = to_regclass(w.relation)"
          + " and t.tgname = w.name and t.tgfoid = to_regproc(w.function)"
          + " and t.tgenabled = 'A' and not t.tgisinternal) order by w.place";

  /** Those of the triggers that are not there, or do not always fire. */
  static List<MoveTrigger> missing(Connection connection, List<MoveTrigger> triggers)
      throws SQLException {
    List<MoveTrigger> missing = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(MISSING)) {
      statement.setArray(
          1,
          texts(connection, triggers.stream().map(each -> SqlText.table(each.table())).toList()));
      statement.setArray(2, texts(connection, triggers.stream().map(MoveTrigger::name).toList()));
      statement.setArray(
          3, texts(connection, triggers.stream().map(MoveTrigger::function).toList()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          missing.add(triggers.get(rows.getInt(1) - 1));
        }
      }
    }
    return missing;
  }

  /** Makes them, in one trip: their tables are locked. */
  static void create(Connection connection, Collection<MoveTrigger> triggers) throws SQLException {
    if (triggers.isEmpty()) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          triggers.stream().map(MoveTrigger::definition).collect(Collectors.joining("; ")));
    }
  }

  private String definition() {
    String quoted = SqlText.table(table);
    return "create or replace trigger %s %s execute function %s(); alter table %s enable always trigger %s"
        .formatted(name, event.formatted(quoted), function, quoted, name);
  }

  private static Array texts(Connection connection, List<String> values) throws SQLException {
    return connection.createArrayOf("text", values.toArray());
  }
}

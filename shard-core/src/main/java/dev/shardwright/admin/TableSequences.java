package dev.shardwright.admin;

import dev.shardwright.internal.schema.ColumnSequences;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** The sequences that a table's columns draw from or own. */
final class TableSequences {
  /**
   * Where tables are defined alike, one that is drawn from has the same use; another has its name.
   */
  private static final String SEQUENCES =
      """
      select format('%%s %%s', case when s.drawn then row_number() over (
            partition by s.column_name, s.drawn order by s.place)::text
            else s.id::regclass::text end, s.column_name),
          s.id::regclass::text, seqcache, seqincrement > 0
        from %s join pg_sequence on seqrelid = s.id
        order by s.column_name, s.place
      """
          .formatted(ColumnSequences.SQL);

  private record Sequence(String name, long cache, boolean ascending) {}

  private record Position(long lastValue, boolean called) {
    boolean isPast(Position other, boolean ascending) {
      if (lastValue == other.lastValue) {
        return called && !other.called;
      }
      return ascending == (lastValue > other.lastValue);
    }
  }

  private TableSequences() {}

  /** Moves the target's sequences on to where the source's are; never back. */
  static void advance(Connection source, Connection target, TableName table) throws SQLException {
    Map<String, Sequence> theirs = of(source, table);
    for (Map.Entry<String, Sequence> ours : of(target, table).entrySet()) {
      Sequence sequence = ours.getValue();
      Sequence other = theirs.get(ours.getKey());
      if (other == null) {
        continue; // it is owned on this shard only
      }
      // Keeps others from drawing until the transaction ends; a plain setval could go back.
      execute(target, "alter sequence %s cache %s".formatted(sequence.name, sequence.cache));
      Position wanted = position(source, other);
      if (wanted.isPast(position(target, sequence), sequence.ascending)) {
        execute(
            target,
            "select setval(%s, %s, %s)"
                .formatted(SqlText.literal(sequence.name), wanted.lastValue, wanted.called));
      }
    }
  }

  private static Map<String, Sequence> of(Connection connection, TableName table)
      throws SQLException {
    Map<String, Sequence> sequences = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(SEQUENCES)) {
      statement.setString(1, SqlText.table(table));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sequences.put(
              rows.getString(1),
              new Sequence(rows.getString(2), rows.getLong(3), rows.getBoolean(4)));
        }
      }
    }
    return sequences;
  }

  private static Position position(Connection connection, Sequence sequence) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select last_value, is_called from " + sequence.name)) {
      row.next();
      return new Position(row.getLong(1), row.getBoolean(2));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

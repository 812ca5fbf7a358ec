package dev.shardwright.internal.schema;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** The index that lets rows be read in an order, without reading all of the table for it. */
public final class IndexedOrder {
  /** What the planner resorts to only where no index has the order that was asked for. */
  private static final Pattern SORT = Pattern.compile("\\s*(->\\s+)?(Incremental )?Sort");

  private static final String ONLY_INDEXES =
      "set local enable_seqscan = off; set local enable_sort = off";

  /** A table that is partitioned takes no {@code create index concurrently} itself. */
  private static final String LEAVES =
      "select c.oid::regclass::text from (select ?::regclass as root) asked cross join lateral"
          + " (select relid from pg_partition_tree(root) union select root) p"
          + " join pg_class c on c.oid = p.relid where c.relkind <> 'p' order by 1";

  private IndexedOrder() {}

  /**
   * Whether an index has the order of these expressions. The planner knows an expression again
   * however it is written, and knows the indexes of partitions.
   *
   * @param table its name, quoted
   * @param order in SQL, with commas between
   */
  public static boolean isThere(Connection connection, String table, String order)
      throws SQLException {
    String explain =
        "explain (costs off) select from %s order by %s limit 1".formatted(table, order);
    return Transaction.in(
        connection,
        () -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute(ONLY_INDEXES);
            try (ResultSet lines = statement.executeQuery(explain)) {
              boolean sorted = false;
              while (lines.next()) {
                sorted |= SORT.matcher(lines.getString(1)).matches();
              }
              return !sorted;
            }
          }
        });
  }

  /** The statements that make it, one for each partition. Relies on an empty search_path. */
  public static String creation(Connection connection, String table, String order)
      throws SQLException {
    StringJoiner statements = new StringJoiner("; ");
    try (PreparedStatement statement = connection.prepareStatement(LEAVES)) {
      statement.setString(1, table);
      try (ResultSet leaves = statement.executeQuery()) {
        while (leaves.next()) {
          statements.add(
              "create index concurrently on %s (%s)".formatted(leaves.getString(1), order));
        }
      }
    }
    return statements.toString();
  }
}

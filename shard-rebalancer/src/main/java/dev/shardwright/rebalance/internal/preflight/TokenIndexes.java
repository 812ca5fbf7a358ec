package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.rebalance.internal.table.Relations;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Rows are found by token without reading the whole table. */
final class TokenIndexes implements Check {
  /** What the planner resorts to only where no index has the order that was asked for. */
  private static final Pattern SORT = Pattern.compile("\\s*(->\\s+)?(Incremental )?Sort");

  private static final String ONLY_INDEXES =
      "set local enable_seqscan = off; set local enable_sort = off";

  private static final String LEAVES =
      "select c.oid::regclass::text from %s join pg_class c on c.oid = p.relid"
              .formatted(Relations.SQL)
          + " where c.relkind <> 'p' order by 1";

  @Override
  public String name() {
    return "token indexes";
  }

  @Override
  public void look(IntendedMove move, Findings findings) throws SQLException {
    for (Side side : move.sides()) {
      for (ShardedTable table : move.tables()) {
        if (table.keyColumn().isPresent()) {
          look(side, table, token(move.keyspace(), table.keyColumn().get()), findings);
        }
      }
    }
  }

  private static void look(Side side, ShardedTable table, String token, Findings findings)
      throws SQLException {
    String name = SqlText.table(table.name());
    if (!isOrdered(side, name, token)) {
      List<String> leaves = side.rows(LEAVES, row -> row.getString(1), name);
      findings.warn(
          "%s: table %s has no index on the token: to find rows of the ranges, all of it is read"
              .formatted(side, table.name()),
          leaves.stream()
              .map(leaf -> "create index concurrently on %s (%s)".formatted(leaf, token))
              .collect(Collectors.joining("; ")));
    }
  }

  /** Ranges of a {@code RANGE} keyspace are compared with the column itself. */
  private static String token(KeyspaceTopology keyspace, String key) {
    String column = SqlText.identifier(key);
    return keyspace.strategy() == Strategy.RANGE
        ? column
        : keyspace.tokenFunction().sqlToken(column);
  }

  /** The planner knows an expression again however it is written, and knows partitions' indexes. */
  private static boolean isOrdered(Side side, String table, String token) throws SQLException {
    String explain =
        "explain (costs off) select from %s order by %s limit 1".formatted(table, token);
    return Transaction.in(
        side.session(),
        () -> {
          try (Statement statement = side.session().createStatement()) {
            statement.execute(ONLY_INDEXES);
          }
          return side.rows(explain, row -> row.getString(1)).stream()
              .noneMatch(line -> SORT.matcher(line).matches());
        });
  }
}

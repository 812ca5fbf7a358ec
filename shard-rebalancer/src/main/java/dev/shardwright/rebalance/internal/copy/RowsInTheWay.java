package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.rebalance.internal.table.RowKey;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds rows that move and have, on the other side, a unique value of another row that is to come.
 * Rows that do not move are none: nobody brings them.
 */
final class RowsInTheWay {
  /** More rows that have one value, or a few, are not there because of a unique index. */
  private static final int MOST = 10_000;

  /**
   * The condition of each unique index, and then what it is on, those of the partitions included.
   * Types of extensions are not compared: what is equal to them is not known here.
   */
  private static final String UNIQUE_INDEXES =
      """
      select distinct array[coalesce(pg_get_expr(indpred, indrelid), 'true')]
          || array(select pg_get_indexdef(indexrelid, place, false)
            from generate_series(1, indnkeyatts) place order by place)
        from pg_index
        where indisunique and not indisprimary
        and not exists (select from unnest(indclass::oid[]) c (id)
          join pg_opclass o on o.oid = c.id where o.opcnamespace <> 'pg_catalog'::regnamespace)
        and (indrelid = %1$s::regclass
          or indrelid in (select relid from pg_partition_tree(%1$s::regclass)))
      """;

  private final MovingTable table;
  private final String inRanges;

  RowsInTheWay(MovingTable table, KeyRangeSet ranges) {
    this.table = table;
    this.inRanges = table.inRanges(ranges);
  }

  /** The keys of rows in the way of these; they are on the other side no more themselves. */
  Set<RowKey> of(Connection from, Connection to, Collection<RowKey> keys) throws SQLException {
    Set<RowKey> found = new HashSet<>();
    for (List<String> unique : arrays(to, UNIQUE_INDEXES.formatted(SqlText.literal(table.sql())))) {
      found.addAll(of(from, to, keys, unique.get(0), unique.subList(1, unique.size())));
    }
    return found;
  }

  private Set<RowKey> of(
      Connection from,
      Connection to,
      Collection<RowKey> keys,
      String condition,
      List<String> unique)
      throws SQLException {
    List<List<String>> wanted = arrays(from, valuesOf(keys, condition, unique));
    if (wanted.isEmpty()) {
      return Set.of();
    }
    int columns = unique.size();
    List<RowKey> values =
        wanted.stream().map(each -> new RowKey(each.subList(0, columns))).toList();
    List<String> types = wanted.get(0).subList(columns, 2 * columns);
    String query =
        "select %s from %s where %s and (%s) and %s limit %d"
            .formatted(
                table.keyAsTexts(),
                table.sql(),
                MovingTable.among(unique, types, values),
                condition,
                inRanges,
                MOST);
    return arrays(to, query).stream().map(RowKey::new).collect(Collectors.toSet());
  }

  /** The values of the rows and then their types; those with a null are left out. */
  private String valuesOf(Collection<RowKey> keys, String condition, List<String> unique) {
    return "select array[%s, %s] from %s where %s and (%s) and %s and %s"
        .formatted(
            listed(unique, "(%s)::text"),
            listed(unique, "format_type(pg_typeof(%s), -1)"),
            table.sql(),
            table.hasKey(keys),
            condition,
            inRanges,
            unique.stream()
                .map("(%s) is not null"::formatted)
                .collect(Collectors.joining(" and ")));
  }

  private static String listed(List<String> expressions, String form) {
    return expressions.stream().map(form::formatted).collect(Collectors.joining(", "));
  }

  private static List<List<String>> arrays(Connection connection, String query)
      throws SQLException {
    List<List<String>> arrays = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        arrays.add(Arrays.asList((String[]) rows.getArray(1).getArray()));
      }
    }
    return arrays;
  }
}

package dev.shardwright.cli.data;

import dev.shardwright.cli.session.Named;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A table that rows are loaded into: which columns, and to which shard a row belongs now.
 * Thread-safe.
 */
final class LoadTarget {
  private final ShardRouter router;
  private final TableName name;
  private final List<String> columns;
  private final List<String> primaryKey;
  private final TokenFunction tokens;
  private final int keyField;
  private final int regionField;

  private LoadTarget(
      ShardRouter router,
      TableName name,
      List<String> columns,
      List<String> primaryKey,
      TokenFunction tokens,
      int keyField,
      int regionField) {
    this.router = router;
    this.name = name;
    this.columns = columns;
    this.primaryKey = primaryKey;
    this.tokens = tokens;
    this.keyField = keyField;
    this.regionField = regionField;
  }

  /**
   * A table of the cluster.
   *
   * @param columns what the fields of the rows are
   * @throws NotDone if rows of these columns cannot be loaded into it
   */
  static LoadTarget of(ShardRouter router, TableName name, List<String> columns)
      throws SQLException {
    Topology topology = router.topology();
    Named.InKeyspace found = Named.table(topology, name);
    KeyspaceTopology keyspace = found.keyspace();
    ShardedTable table = found.table();
    return new LoadTarget(
        router,
        name,
        columns,
        checkColumns(router, keyspace, name, columns),
        keyspace.tokenFunction(),
        table.keyColumn().map(column -> field(columns, column)).orElse(-1),
        table.regionColumn().map(column -> field(columns, column)).orElse(-1));
  }

  TableName name() {
    return name;
  }

  List<String> columns() {
    return columns;
  }

  /** The columns of the primary key, all of which are in the file. */
  List<String> primaryKey() {
    return primaryKey;
  }

  /**
   * The shard that owns a row now.
   *
   * @throws IllegalArgumentException if no shard can
   */
  ShardId ownerOf(CsvRow row) {
    KeyspaceTopology keyspace = Named.table(router.topology(), name).keyspace();
    Region region = regionField < 0 ? Region.ALL : Region.of(required(row, regionField));
    if (keyspace.strategy() == Strategy.SINGLE) {
      return keyspace.placement(region).owners().first();
    }
    return keyspace.placement(region).ownerOf(tokenOf(row));
  }

  /** The token of a row that has a sharding key. */
  long tokenOf(CsvRow row) {
    return tokens.tokenOf(tokens.parse(required(row, keyField)));
  }

  private String required(CsvRow row, int field) {
    String value = row.fields().get(field);
    if (value == null) {
      throw new IllegalArgumentException("%s is NULL".formatted(columns.get(field)));
    }
    return value;
  }

  private static int field(List<String> columns, String column) {
    int field = columns.indexOf(column);
    if (field < 0) {
      throw new NotDone(
          "the file has no column %s, by which its rows are placed; it has %s"
              .formatted(column, columns));
    }
    return field;
  }

  /**
   * The primary key must be in the file: by it rows that are there already are known again.
   *
   * @return its columns
   */
  private static List<String> checkColumns(
      ShardRouter router, KeyspaceTopology keyspace, TableName name, List<String> columns)
      throws SQLException {
    Set<String> twice = new TreeSet<>();
    Set<String> seen = new TreeSet<>();
    columns.forEach(column -> Optional.of(column).filter(c -> !seen.add(c)).ifPresent(twice::add));
    if (!twice.isEmpty()) {
      throw new NotDone("the file names columns %s twice".formatted(twice));
    }
    ShardId model = keyspace.placements().values().iterator().next().owners().first();
    try (Connection connection = router.shard(model.value()).connection()) {
      DatabaseMetaData about = connection.getMetaData();
      List<String> known =
          names(
              about.getColumns(
                  null, literal(about, name.schema()), literal(about, name.name()), "%"));
      List<String> unknown = columns.stream().filter(column -> !known.contains(column)).toList();
      if (!unknown.isEmpty()) {
        throw new NotDone(
            "table %s has no column %s; it has %s. The first line of the file must name its columns; see --no-header"
                .formatted(name, unknown, known));
      }
      List<String> primaryKey = names(about.getPrimaryKeys(null, name.schema(), name.name()));
      if (primaryKey.isEmpty()) {
        throw new NotDone(
            "table %s has no primary key, without which a load could not be begun again without doubling rows: give it one, or use \\copy of psql on its shard"
                .formatted(name));
      }
      List<String> missing =
          primaryKey.stream().filter(column -> !columns.contains(column)).toList();
      if (!missing.isEmpty()) {
        throw new NotDone(
            "the file has no column %s, which is in the primary key of %s: without it a load could not be begun again without doubling rows; see --line-number"
                .formatted(missing, name));
      }
      return primaryKey;
    }
  }

  /** Metadata takes patterns. */
  private static String literal(DatabaseMetaData about, String name) throws SQLException {
    String escape = about.getSearchStringEscape();
    return name.replace("_", escape + "_").replace("%", escape + "%");
  }

  private static List<String> names(ResultSet rows) throws SQLException {
    try (rows) {
      List<String> names = new ArrayList<>();
      while (rows.next()) {
        names.add(rows.getString("COLUMN_NAME"));
      }
      return names;
    }
  }
}

package dev.shardwright.admin;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.ring.KeyType;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether a table can be sharded by a column: what must be so is refused otherwise, what should be
 * so is advised.
 */
final class TableFitness {
  private static final String COLUMNS =
      "select a.attname, format_type(a.atttypid, null), a.attgenerated <> '',"
          + " coalesce(o.collisdeterministic, true)"
          + " from pg_attribute a left join pg_collation o on o.oid = a.attcollation"
          + " where a.attrelid = ?::regclass and a.attnum > 0 and not a.attisdropped";
  private static final String UNIQUE_INDEXES =
      "select i.indexrelid::regclass::text, i.indisprimary, array(select a.attname"
          + " from pg_attribute a where a.attrelid = i.indrelid"
          + " and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]) order by a.attname)"
          + " from pg_index i where i.indrelid = ?::regclass and i.indisunique and i.indisvalid"
          + " order by 1";

  /** Row triggers that fire before an insert or update, after the guard by their names. */
  private static final String LATE_TRIGGERS =
      "select string_agg(quote_ident(tgname), ', ' order by tgname) from pg_trigger"
          + " where tgrelid = ?::regclass and not tgisinternal and (tgtype & 1) = 1"
          + " and (tgtype & 2) = 2 and (tgtype & 20) <> 0"
          + " and tgname collate \"C\" > 'zz_shardwright' and not starts_with(tgname,"
          + " 'zz_shardwright')";

  private record Column(String type, boolean generated, boolean deterministic) {}

  private final Connection connection;
  private final KeyspaceTopology keyspace;
  private final ShardedTable table;

  TableFitness(Connection connection, KeyspaceTopology keyspace, ShardedTable table) {
    this.connection = connection;
    this.keyspace = keyspace;
    this.table = table;
  }

  /**
   * What the operator might improve.
   *
   * @throws ChangeRefused if the table cannot be sharded so
   */
  List<String> check() throws SQLException {
    Optional<String> problem = RelationKind.problem(connection, table.name());
    if (problem.isPresent()) {
      throw refused("%s", problem.get());
    }
    checkTriggers();
    if (table.keyColumn().isEmpty()) {
      return List.of();
    }
    String key = table.keyColumn().get();
    Map<String, Column> columns = columns();
    checkKeyType(key, column(columns, key));
    table.regionColumn().ifPresent(region -> checkRegionType(region, column(columns, region)));
    List<String> advice = new ArrayList<>(checkUniqueIndexes(key));
    TokenIndex.advice(connection, keyspace, table.name(), key).ifPresent(advice::add);
    return advice;
  }

  private void checkTriggers() throws SQLException {
    try (PreparedStatement statement = prepare(LATE_TRIGGERS);
        ResultSet row = statement.executeQuery()) {
      row.next();
      String late = row.getString(1);
      require(
          late == null,
          "its triggers %s would fire after the ownership guard and could change the row: rename"
              + " them so that they sort before zz_shardwright",
          late);
    }
  }

  private void checkKeyType(String key, Column column) {
    KeyType type = keyspace.keyType().orElseThrow();
    Set<String> accepted =
        switch (type) {
          case TEXT -> Set.of("text", "character varying");
          case TIMESTAMPTZ -> Set.of("timestamp with time zone");
          case SMALLINT, INTEGER, BIGINT, UUID -> Set.of(type.sqlName());
        };
    require(
        accepted.contains(column.type()),
        "column %s has type %s, the sharding key of keyspace %s has type %s",
        key,
        column.type(),
        keyspace.name(),
        type.sqlName());
    checkPlain(key, column);
  }

  private void checkRegionType(String region, Column column) {
    require(
        column.type().equals("text") || column.type().equals("character varying"),
        "region column %s has type %s: it must be text or varchar",
        region,
        column.type());
    checkPlain(region, column);
  }

  private void checkPlain(String name, Column column) {
    require(
        column.deterministic(),
        "column %s has a nondeterministic collation, under which different texts are equal: give"
            + " it a deterministic one, such as \"C\"",
        name);
    require(
        !column.generated(),
        "column %s is generated, and has no value yet when a row's place is checked: use an"
            + " ordinary column",
        name);
  }

  private List<String> checkUniqueIndexes(String key) throws SQLException {
    List<String> advice = new ArrayList<>();
    boolean primaryKeySeen = false;
    try (PreparedStatement statement = prepare(UNIQUE_INDEXES);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        Set<String> columns = texts(rows.getArray(3));
        if (rows.getBoolean(2)) {
          primaryKeySeen = true;
          checkPrimaryKey(key, columns);
        } else if (!columns.contains(key)) {
          advice.add(
              "unique index %s of %s does not contain %s: it holds on each shard, not across them"
                  .formatted(rows.getString(1), table.name(), key));
        }
      }
    }
    require(primaryKeySeen, "it has no primary key: give it one that contains %s", key);
    return advice;
  }

  private void checkPrimaryKey(String key, Set<String> columns) {
    require(
        columns.contains(key),
        "its primary key %s does not contain the sharding key %s: add it",
        columns,
        key);
    table
        .regionColumn()
        .ifPresent(
            region ->
                require(
                    columns.contains(region),
                    "its primary key %s does not contain the region column %s: add it",
                    columns,
                    region));
  }

  private Map<String, Column> columns() throws SQLException {
    Map<String, Column> columns = new HashMap<>();
    try (PreparedStatement statement = prepare(COLUMNS);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        columns.put(
            rows.getString(1),
            new Column(rows.getString(2), rows.getBoolean(3), rows.getBoolean(4)));
      }
    }
    return columns;
  }

  private Column column(Map<String, Column> columns, String name) {
    Column column = columns.get(name);
    if (column == null) {
      throw refused(
          "it has no column %s; its columns are %s",
          name, columns.keySet().stream().sorted().toList());
    }
    return column;
  }

  private PreparedStatement prepare(String query) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(query);
    statement.setString(1, SqlText.table(table.name()));
    return statement;
  }

  private static Set<String> texts(Array array) throws SQLException {
    return new TreeSet<>(Arrays.asList((String[]) array.getArray()));
  }

  @FormatMethod
  private void require(boolean fit, @FormatString String format, @Nullable Object... facts) {
    if (!fit) {
      throw refused(format, facts);
    }
  }

  @FormatMethod
  private ChangeRefused refused(@FormatString String format, @Nullable Object... facts) {
    return new ChangeRefused(
        "table %s cannot be registered in keyspace %s: %s"
            .formatted(table.name(), keyspace.name(), format.formatted(facts)));
  }
}

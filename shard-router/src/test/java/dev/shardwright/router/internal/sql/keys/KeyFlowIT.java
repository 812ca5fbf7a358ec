package dev.shardwright.router.internal.sql.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.TestShards;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tables.Registrations;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random queries on real rows: asked over the rows of just the shards that they are routed to, they
 * give what they give over all rows; and a block that is said to be local gives on each shard by
 * itself what, put together, it gives over all rows.
 */
class KeyFlowIT {
  private static final int SAMPLE = 1_000;
  private static final int LONG_RUN = 50_000;
  private static final int ROWS = 9;
  private static final long SEED = new Random().nextLong();
  private static final List<ShardId> SHARDS = List.of(TestShards.A, TestShards.B, TestShards.C);
  private static final int ALL = 7;

  private static PostgresServer server;

  /** For each set of shards, as bits, a session that sees the rows of just these. */
  private static final List<Connection> SESSIONS = new ArrayList<>();

  private final Random random = new Random(SEED);
  private final Map<String, Integer> seen = new TreeMap<>();

  @BeforeAll
  static void startServer() throws SQLException {
    System.out.println("KeyFlowIT seed: " + SEED);
    server = PostgresServer.start();
    for (int shards = 0; shards <= ALL; shards++) {
      Connection session = server.connect();
      SESSIONS.add(session);
      try (Statement statement = session.createStatement()) {
        statement.execute("create schema s" + shards);
        statement.execute("set search_path to s" + shards);
        statement.execute("set statement_timeout to '20s'");
        for (Map.Entry<String, List<String>> table : RandomQueries.TABLES.entrySet()) {
          List<String> columns =
              table.getValue().stream()
                  .map(name -> name + (name.equals("region") ? " text" : " int"))
                  .toList();
          statement.execute(
              "create table %s (%s)".formatted(table.getKey(), String.join(", ", columns)));
        }
      }
    }
  }

  @AfterAll
  static void stopServer() throws SQLException {
    for (Connection session : SESSIONS) {
      session.close();
    }
    server.close();
  }

  @Test
  void answersOverTheRoutedRowsAreThoseOverAllRows() throws SQLException {
    check(SAMPLE);
    // That it could fail at all; at least twice as many queries are so on average, mostly more:
    assertThat(seen.get("one shard")).isGreaterThan(SAMPLE / 100);
    assertThat(seen.get("one shard with rows")).isPositive();
    assertThat(seen.get("two shards")).isGreaterThan(SAMPLE / 100);
    assertThat(seen.get("any shard")).isGreaterThan(SAMPLE / 100);
    assertThat(seen.get("local")).isGreaterThan(SAMPLE / 100);
    assertThat(seen.get("key")).isGreaterThan(SAMPLE / 100);
  }

  @Test
  @Tag("long")
  void answersOverTheRoutedRowsAreThoseOverAllRowsForLong() throws SQLException {
    check(Integer.getInteger("generated.statements", LONG_RUN));
  }

  private void check(int queries) throws SQLException {
    Analyzer analyzer = new Analyzer();
    RandomQueries generator = new RandomQueries(random);
    for (int i = 0; i < queries; i++) {
      if (i % 100 == 0) {
        fill();
      }
      String sql = generator.query();
      Optional<List<String>> whole = rows(ALL, sql);
      if (whole.isEmpty()) {
        count("invalid");
        continue;
      }
      Destination destination;
      try {
        destination =
            analyzer
                .analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY)
                .destination(place -> null, TestShards.TOPOLOGY);
      } catch (SqlRefused e) {
        count("refused");
        continue;
      }
      assertThat(rows(shards(destination), sql))
          .as("seed %s, to %s: %s", SEED, destination, sql)
          .isEqualTo(whole);
      if (destination instanceof Destination.OneShard && !whole.get().isEmpty()) {
        count("one shard with rows");
      }
      checkLocality(sql);
    }
    System.out.println("KeyFlowIT: " + seen);
  }

  private int shards(Destination destination) {
    if (destination instanceof Destination.OneShard one) {
      count("one shard");
      return bit(one.shard());
    }
    if (destination instanceof Destination.SeveralShards several) {
      int shards = several.shards().stream().mapToInt(KeyFlowIT::bit).sum();
      count(shards == ALL ? "all shards" : "two shards");
      return shards;
    }
    count("any shard");
    return random.nextInt(ALL + 1);
  }

  private static int bit(ShardId shard) {
    return 1 << SHARDS.indexOf(shard);
  }

  private void count(String what) {
    seen.merge(what, 1, Integer::sum);
  }

  private void checkLocality(String sql) throws SQLException {
    ParsedStatement statement = ParsedStatement.of(sql);
    if (!(statement.tree() instanceof PlainSelect select) || select.getDistinct() != null) {
      return;
    }
    QueryReader reader =
        new QueryReader(statement, SearchPath.DEFAULT, Registrations.of(TestShards.TOPOLOGY));
    reader.query((Select) statement.tree(), Ctes.NONE, null, null);
    Locality locality = new GraphLocality(reader.blocks(), reader.uses());
    if (!locality.isLocal(select)) {
      return;
    }
    boolean windows = sql.contains(" over (");
    if (!windows) {
      count("local");
      List<String> together = new ArrayList<>();
      for (ShardId shard : SHARDS) {
        together.addAll(rows(bit(shard), sql).orElseThrow());
      }
      assertThat(together.stream().sorted().toList())
          .as("seed %s, locally: %s", SEED, sql)
          .isEqualTo(rows(ALL, sql).orElseThrow());
    }
    for (int i = 0; i < select.getSelectItems().size(); i++) {
      SelectItem<?> item = select.getSelectItem(i);
      Expression expression = item.getExpression();
      if (expression instanceof Column && locality.isKey(select, expression)) {
        count("key");
        checkKey(sql, i + 1);
      }
    }
  }

  private static void checkKey(String sql, int column) throws SQLException {
    Set<String> before = new HashSet<>();
    for (ShardId shard : SHARDS) {
      Set<String> here = new HashSet<>();
      try (Statement statement = SESSIONS.get(bit(shard)).createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        while (rows.next()) {
          here.add(String.valueOf(rows.getString(column)));
        }
      }
      assertThat(Collections.disjoint(before, here))
          .as("seed %s, key %s of %s: %s, %s", SEED, column, sql, before, here)
          .isTrue();
      before.addAll(here);
    }
  }

  /** The rows as texts, in order; empty if the query is not valid. */
  private static Optional<List<String>> rows(int shards, String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = SESSIONS.get(shards).createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          row.append(rows.getString(i)).append(' ');
        }
        found.add(row.toString());
      }
    } catch (SQLException e) {
      return Optional.empty();
    }
    return Optional.of(found.stream().sorted().toList());
  }

  /** Puts other rows into all schemas. */
  private void fill() throws SQLException {
    List<List<String>> statements = new ArrayList<>();
    for (int shards = 0; shards <= ALL; shards++) {
      statements.add(new ArrayList<>());
    }
    for (String table : RandomQueries.TABLES.keySet()) {
      statements.forEach(each -> each.add("truncate " + table));
      for (int i = 0; i < ROWS; i++) {
        int key = RandomQueries.KEYS.get(random.nextInt(RandomQueries.KEYS.size()));
        String region = random.nextBoolean() ? "eu" : "us";
        boolean regional = RandomQueries.TABLES.get(table).contains("region");
        String y = random.nextInt(4) == 0 ? "null" : String.valueOf(random.nextInt(3));
        String row =
            "insert into %s values (%s, %s%s, %s)"
                .formatted(
                    table,
                    key,
                    regional ? "'" + region + "', " : "",
                    random.nextBoolean() ? key : random.nextInt(3),
                    y);
        int home = home(table, regional ? region : "all", key);
        for (int shards = 0; shards <= ALL; shards++) {
          if ((shards & home) != 0 || table.equals("countries")) {
            statements.get(shards).add(row);
          }
        }
      }
    }
    for (int shards = 0; shards <= ALL; shards++) {
      try (Statement statement = SESSIONS.get(shards).createStatement()) {
        statement.execute(String.join(";", statements.get(shards)));
      }
    }
  }

  private static int home(String table, String region, int key) {
    for (KeyspaceTopology keyspace : TestShards.TOPOLOGY.keyspaces().values()) {
      if (keyspace.tables().containsKey(dev.shardwright.topology.TableName.of(table))) {
        return bit(keyspace.placement(Region.of(region)).ownerOf(key));
      }
    }
    return ALL;
  }
}

package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The tables that tests write to, on all servers. */
final class WrittenTables implements AutoCloseable {
  static final List<String> NAMES =
      List.of("wallets", "entries", "labels", "stays", "slots", "notes", "rates", "stamps");

  private static final List<String> REFERENCE = List.of("rates", "stamps");

  private static final String CONTENTS =
      String.join(
          " union all ",
          NAMES.stream().map(name -> "select '" + name + " ' || t from " + name + " t").toList());

  /** What the tables of one server held at first, as text and for COPY. */
  private record Kept(List<String> contents, Map<String, String> copies) {}

  private final Map<String, Connection> sessions = new TreeMap<>();
  private final Map<String, Kept> atFirst = new TreeMap<>();

  /** Fills the tables. */
  WrittenTables(FourAndOne databases) throws SQLException {
    databases.execute("one", Resources.text("written.sql"));
    for (KeyspaceTopology keyspace : databases.topology().keyspaces().values()) {
      for (ShardedTable table : keyspace.tables().values()) {
        if (NAMES.contains(table.name().name())) {
          databases.distribute(keyspace, table);
        }
      }
    }
    for (String table : REFERENCE) {
      databases.distributeReference(TableName.of(table));
    }
    List<String> names = new ArrayList<>(FourAndOne.SHARDS);
    names.add("one");
    for (String name : names) {
      Connection session = databases.connect(name);
      sessions.put(name, session);
      Map<String, String> copies = new TreeMap<>();
      for (String table : NAMES) {
        copies.put(table, FourAndOne.copyOut(session, TableName.of(table)));
      }
      atFirst.put(name, new Kept(contents(name), copies));
    }
  }

  /**
   * Writes what the corpus says: what comes of it is the same as on one PostgreSQL, and so are the
   * rows of all tables after it.
   *
   * @param optIn whether the driver consents to writes to several shards
   */
  static void writeAsOnePostgresql(FourAndOne databases, ByDriver driver, boolean optIn)
      throws SQLException {
    List<String> wrong = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    try (WrittenTables tables = new WrittenTables(databases);
        Connection one = databases.connect("one")) {
      for (CorpusCase each : Corpus.read("writes.txt")) {
        if (each.optIn() == optIn && each.since() <= databases.majorVersion()) {
          levels.add(each.level());
          tables.difference(driver, one, each).ifPresent(what -> wrong.add(each + what));
          tables.restore();
        }
      }
    }
    System.out.println("Writes of the corpus through the driver: " + Corpus.summary(levels));
    assertThat(levels).isNotEmpty();
    assertThat(wrong).isEmpty();
  }

  private Optional<String> difference(ByDriver driver, Connection one, CorpusCase write)
      throws SQLException {
    Outcome actual = driver.ask(write);
    Outcome expected = write.level().equals("refused") ? actual : OnePostgres.ask(one, write);
    Optional<String> wrong =
        Judge.wrong(write, expected, new Answered(actual, write.level()), Optional.empty());
    Optional<String> left = difference();
    return wrong.isPresent()
        ? wrong.map(what -> "\n   " + what)
        : left.map(what -> "\n   leaves " + what);
  }

  /** How the rows on the shards differ from those on the one server, if they do. */
  Optional<String> difference() throws SQLException {
    List<String> reference = contents("s1").stream().filter(WrittenTables::isCopied).toList();
    List<String> actual = new ArrayList<>(reference);
    for (String shard : FourAndOne.SHARDS) {
      List<String> copies = new ArrayList<>();
      for (String row : contents(shard)) {
        (isCopied(row) ? copies : actual).add(row);
      }
      if (!copies.equals(reference)) {
        return Optional.of("on %s %s, on s1 %s".formatted(shard, copies, reference));
      }
    }
    return difference(withoutTimes(contents("one")), withoutTimes(actual));
  }

  private static Optional<String> difference(List<String> expected, List<String> actual) {
    if (actual.equals(expected)) {
      return Optional.empty();
    }
    List<String> missing = new ArrayList<>(expected);
    actual.forEach(missing::remove);
    List<String> surplus = new ArrayList<>(actual);
    expected.forEach(surplus::remove);
    return Optional.of("rows missing " + missing + ", too many " + surplus);
  }

  /** Whether every shard has that row. */
  private static boolean isCopied(String row) {
    return REFERENCE.stream().anyMatch(table -> row.startsWith(table + " "));
  }

  /** All shards have the same {@code now()} in {@code stamps}, the one server has its own. */
  private static List<String> withoutTimes(List<String> rows) {
    return rows.stream()
        .map(row -> row.startsWith("stamps ") ? row.replaceFirst("\"[^\"]*\"", "a time") : row)
        .sorted()
        .toList();
  }

  /** Makes the tables what they were at first. */
  void restore() throws SQLException {
    for (Map.Entry<String, Kept> kept : atFirst.entrySet()) {
      if (!contents(kept.getKey()).equals(kept.getValue().contents())) {
        Connection session = connection(kept.getKey());
        Session.execute(session, "delete from " + String.join("; delete from ", NAMES));
        for (Map.Entry<String, String> copy : kept.getValue().copies().entrySet()) {
          FourAndOne.copyIn(session, TableName.of(copy.getKey()), copy.getValue());
        }
      }
    }
  }

  private List<String> contents(String database) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection(database).createStatement();
        ResultSet found = statement.executeQuery(CONTENTS)) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    Collections.sort(rows);
    return rows;
  }

  private Connection connection(String database) {
    Connection session = sessions.get(database);
    if (session == null) {
      throw new IllegalArgumentException(database);
    }
    return session;
  }

  @Override
  public void close() throws SQLException {
    for (Connection session : sessions.values()) {
      session.close();
    }
  }
}

package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.DatabaseExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

class KeysetQueryIT {
  @RegisterExtension static final DatabaseExtension DATABASE = new DatabaseExtension();

  private static final String ACCOUNTS = "select id, balance from accounts";

  @Test
  void letsTheServerBeginAPageWhereAnIndexFindsItsFirstRow() throws SQLException {
    DATABASE
        .database()
        .execute(
            "create table accounts (id bigint primary key, balance int not null);"
                + " create index on accounts (balance desc, id);"
                + " insert into accounts select id, id / 2 from generate_series(1, 20000) id;"
                + " analyze accounts");
    Keyset keyset = Keyset.first(20, "balance desc", "id");
    try (Connection connection = DATABASE.database().connect()) {
      String cursor = end(connection, ACCOUNTS, keyset);
      KeysetQuery second = new KeysetQuery(ACCOUNTS, keyset.after(cursor));
      assertThat(explain(connection, second)).containsPattern("Index Cond: \\(.*balance <= ");
    }
  }

  @Test
  void planIsKeptAsSoonAsPostgresHasSeenThatItIsAsGoodAsOneForTheValues() throws SQLException {
    DATABASE
        .database()
        .execute(
            "create table prices (id bigint primary key, price numeric(12, 2) not null);"
                + " create index on prices (price desc, id);"
                + " insert into prices select id, (id * 7919 % 100003) / 100.0"
                + "   from generate_series(1, 25000) id;"
                + " analyze prices");
    String sql = "select id, price from prices";
    Keyset keyset = Keyset.first(20, "price desc", "id");
    try (Connection connection = DATABASE.database().connect()) {
      connection.unwrap(PGConnection.class).setPrepareThreshold(1);
      KeysetQuery second = new KeysetQuery(sql, keyset.after(end(connection, sql, keyset)));
      try (PreparedStatement statement = statement(connection, "", second)) {
        for (int i = 0; i < 10; i++) {
          statement.executeQuery().close();
        }
      }
      try (Statement statement = connection.createStatement();
          ResultSet kept =
              statement.executeQuery(
                  "select generic_plans from pg_prepared_statements"
                      + " where statement like '%prices%' order by custom_plans desc")) {
        kept.next();
        assertThat(kept.getLong(1)).isGreaterThanOrEqualTo(4);
      }
    }
  }

  @Test
  void pagesByThreeKeysGiveEachRowOnceInOrder() throws SQLException {
    DATABASE
        .database()
        .execute(
            "create table visits (a int, b int, c int, primary key (a, b, c));"
                + " insert into visits select a, b, c from generate_series(1, 4) a,"
                + "   generate_series(1, 3) b, generate_series(1, 5) c");
    String sql = "select a, b, c from visits";
    Keyset keyset = Keyset.first(7, "a", "b desc", "c");
    List<String> seen = new ArrayList<>();
    try (Connection connection = DATABASE.database().connect()) {
      Optional<Keyset> next = Optional.of(keyset);
      while (next.isPresent()) {
        KeysetPage<String> page = page(connection, sql, next.get());
        seen.addAll(page.rows());
        next = page.next().map(keyset::after);
      }
    }
    List<String> all = new ArrayList<>();
    for (int a = 1; a <= 4; a++) {
      for (int b = 3; b >= 1; b--) {
        for (int c = 1; c <= 5; c++) {
          all.add(a + " " + b + " " + c);
        }
      }
    }
    assertThat(seen).isEqualTo(all);
  }

  @Test
  void keysMayBeOfTypesThatTheSearchPathDoesNotLeadTo() throws SQLException {
    DATABASE
        .database()
        .execute(
            "create schema app; create type app.mood as enum ('sad', 'happy');"
                + " create type \"Mood\" as enum ('low', 'high');"
                + " create table moods (id bigint, mood app.mood, other \"Mood\");"
                + " insert into moods select n, m, o from generate_series(1, 2) n,"
                + "   unnest(enum_range(null::app.mood)) m, unnest(enum_range(null::\"Mood\")) o");
    Keyset keyset = Keyset.first(3, "mood", "other desc", "id");
    String sql = "select id, mood, other from moods";
    try (Connection connection = DATABASE.database().connect()) {
      String cursor = end(connection, sql, keyset);
      KeysetQuery second = new KeysetQuery(sql, keyset.after(cursor));
      List<String> rest = new ArrayList<>();
      try (PreparedStatement statement = statement(connection, "", second);
          ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          rest.add("%s %s %s".formatted(rows.getString(2), rows.getString(3), rows.getLong(1)));
        }
      }
      assertThat(rest).startsWith("sad low 2", "happy high 1", "happy high 2");
    }
  }

  private static KeysetPage<String> page(Connection connection, String sql, Keyset keyset)
      throws SQLException {
    KeysetQuery query = new KeysetQuery(sql, keyset);
    try (PreparedStatement statement = statement(connection, "", query);
        ResultSet rows = statement.executeQuery()) {
      return query.page(rows, row -> row.getInt(1) + " " + row.getInt(2) + " " + row.getInt(3));
    }
  }

  private static String end(Connection connection, String sql, Keyset keyset) throws SQLException {
    KeysetQuery query = new KeysetQuery(sql, keyset);
    try (PreparedStatement statement = statement(connection, "", query);
        ResultSet rows = statement.executeQuery()) {
      return query.page(rows, row -> row.getLong(1)).next().orElseThrow();
    }
  }

  private static String explain(Connection connection, KeysetQuery query) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (PreparedStatement statement = statement(connection, "explain ", query);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        lines.add(rows.getString(1));
      }
    }
    return String.join("\n", lines);
  }

  private static PreparedStatement statement(
      Connection connection, String prefix, KeysetQuery query) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(prefix + query.sql());
    Object[] parameters = query.parameters(new Object[0]);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }
}

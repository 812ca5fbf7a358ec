package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.DatabaseExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

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
      KeysetQuery first = new KeysetQuery(ACCOUNTS, keyset);
      String cursor;
      try (PreparedStatement statement = statement(connection, "", first);
          ResultSet rows = statement.executeQuery()) {
        cursor = first.page(rows, row -> row.getLong(1)).next().orElseThrow();
      }
      KeysetQuery second = new KeysetQuery(ACCOUNTS, keyset.after(cursor));
      assertThat(explain(connection, second)).containsPattern("Index Cond: \\(.*balance <= ");
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

package dev.shardwright.router.differential;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks questions over a JDBC connection. */
final class Session {
  private Session() {}

  static Outcome ask(Connection connection, Question question) {
    try (PreparedStatement statement = connection.prepareStatement(question.sql())) {
      List<@Nullable Object> arguments = question.arguments();
      for (int i = 0; i < arguments.size(); i++) {
        statement.setObject(i + 1, arguments.get(i));
      }
      if (!statement.execute()) {
        return new Outcome.Written(statement.getUpdateCount());
      }
      try (ResultSet rows = statement.getResultSet()) {
        return Outcome.Rows.of(rows);
      }
    } catch (SQLException e) {
      return Outcome.Failed.of(e);
    } catch (RuntimeException e) {
      return new Outcome.Failed("", e.toString()); // which no driver may throw
    }
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

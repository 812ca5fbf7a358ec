package dev.shardwright.router;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A statement that gives the number of rows that it changed. */
final class Update extends OnConnection<Integer> {
  private final String sql;
  private final @Nullable Object[] parameters;
  private final boolean idempotent;

  Update(String sql, @Nullable Object[] parameters, boolean idempotent) {
    super(StatementKind.UPDATE);
    this.sql = sql;
    this.parameters = parameters;
    this.idempotent = idempotent;
  }

  @Override
  Integer on(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Parameters.bind(statement, parameters);
      sending(statement);
      int changed = statement.executeUpdate();
      phase = Phase.ANSWERED;
      return changed;
    }
  }

  @Override
  Repeat repeat() {
    return idempotent ? Repeat.ALWAYS : Repeat.NEVER;
  }
}

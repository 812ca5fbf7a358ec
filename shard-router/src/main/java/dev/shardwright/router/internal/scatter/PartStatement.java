package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.sql.Binding;
import dev.shardwright.router.internal.sql.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * A text for shards and what is bound in it. Safe for use by several threads at once.
 *
 * @param text the same on every shard
 * @param parameters the caller's
 * @param now the instant that {@code now()} means on every shard
 */
record PartStatement(SqlText text, ParameterSource parameters, OffsetDateTime now) {

  /**
   * The statement, ready to run. The caller closes it.
   *
   * @param resultSetType as in {@link java.sql.ResultSet}
   */
  PreparedStatement prepare(Connection connection, int resultSetType) throws SQLException {
    PreparedStatement statement =
        connection.prepareStatement(text.text(), resultSetType, ResultSet.CONCUR_READ_ONLY);
    try {
      List<Binding> bindings = text.bindings();
      for (int at = 1; at <= bindings.size(); at++) {
        bind(statement, at, bindings.get(at - 1));
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private void bind(PreparedStatement statement, int at, Binding binding) throws SQLException {
    if (binding instanceof Binding.Parameter parameter) {
      parameters.bind(statement, at, parameter.place());
    } else if (binding instanceof Binding.Now) {
      statement.setObject(at, now);
    } else {
      throw new IllegalStateException("a shard's part has no partial rows: " + text);
    }
  }
}

package dev.shardwright.router.jdbc;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.rows.OutlivingRows;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;

/**
 * A statement as a caller wants it carried out: to one shard its text goes untouched.
 *
 * @param text what goes to the shard
 * @param prepared whether the caller prepared it
 */
record Call(
    Analysis analysis,
    SqlText text,
    boolean prepared,
    Arguments arguments,
    GeneratedKeys keys,
    StatementOptions options,
    Running running) {

  Call(
      Analysis analysis,
      boolean prepared,
      Arguments arguments,
      GeneratedKeys keys,
      StatementOptions options,
      Running running) {
    this(analysis, analysis.text(), prepared, arguments, keys, options, running);
  }

  /** The same with another text. */
  Call with(SqlText changed) {
    boolean parameters = prepared || !changed.bindings().isEmpty();
    return new Call(analysis, changed, parameters, arguments, keys, options, running);
  }

  StatementKind kind() {
    return analysis.kind() == Analysis.Kind.QUERY ? StatementKind.QUERY : StatementKind.UPDATE;
  }

  /**
   * Carries it out on a connection of the driver.
   *
   * @param outlive whether the rows will be read after the connection has been given back
   * @param limitSeconds the most that is left of the deadline; 0 where there is time enough
   */
  Answered on(Connection connection, boolean outlive, int limitSeconds) throws SQLException {
    Statement statement = prepared ? prepare(connection, text.text()) : create(connection);
    try {
      options.applyTo(statement, limitSeconds);
      if (statement instanceof PreparedStatement parametrised) {
        bind(parametrised, text.bindings(), arguments);
      }
      Running.Cancel cancel = statement::cancel;
      running.begin(cancel);
      boolean gaveRows;
      try {
        gaveRows =
            statement instanceof PreparedStatement parametrised
                ? parametrised.execute()
                : execute(statement, text.text());
      } finally {
        running.end(cancel);
      }
      return answered(statement, gaveRows, outlive);
    } catch (SQLException | RuntimeException e) {
      closeAfter(e, statement);
      throw e;
    }
  }

  private Answered answered(Statement statement, boolean gaveRows, boolean outlive)
      throws SQLException {
    ResultSet rows = gaveRows ? statement.getResultSet() : null;
    long count = gaveRows ? -1 : statement.getLargeUpdateCount();
    ResultSet generated = keys.wanted() ? statement.getGeneratedKeys() : null;
    SQLWarning warnings = statement.getWarnings();
    if (outlive) {
      OutlivingRows.detach(statement, gaveRows ? rows : generated);
    }
    return new Answered(rows, count, generated, warnings, outlive ? null : statement);
  }

  /** Sets the caller's parameters at the places of the text. */
  static void bind(PreparedStatement statement, List<Binding> bindings, Arguments arguments)
      throws SQLException {
    for (int at = 1; at <= bindings.size(); at++) {
      if (!(bindings.get(at - 1) instanceof Binding.Parameter parameter)) {
        throw new IllegalStateException("the caller's own text has the caller's parameters only");
      }
      arguments.bind(statement, at, parameter.place());
    }
  }

  private PreparedStatement prepare(Connection connection, String text) throws SQLException {
    if (keys.all()) {
      return connection.prepareStatement(text, Statement.RETURN_GENERATED_KEYS);
    }
    return keys.wanted()
        ? connection.prepareStatement(text, keys.names())
        : connection.prepareStatement(text, options.type, options.concurrency, options.holdability);
  }

  private Statement create(Connection connection) throws SQLException {
    return connection.createStatement(options.type, options.concurrency, options.holdability);
  }

  private boolean execute(Statement statement, String text) throws SQLException {
    if (keys.all()) {
      return statement.execute(text, Statement.RETURN_GENERATED_KEYS);
    }
    return keys.wanted() ? statement.execute(text, keys.names()) : statement.execute(text);
  }

  static void closeAfter(Exception failure, Statement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }
}

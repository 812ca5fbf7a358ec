package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.jdbc.rows.ReadOnlyRows;
import dev.shardwright.router.internal.jdbc.rows.TypeNames;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import dev.shardwright.router.internal.jdbc.value.Arguments;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.rows.OutlivingRows;
import dev.shardwright.router.internal.scatter.part.Instants;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGStatement;

/**
 * A statement as a caller wants it carried out: to one shard its text goes untouched.
 *
 * @param text what goes to the shard
 * @param prepared whether the caller prepared it
 * @param now what time it is in a text with moments to bind; empty for the caller's own
 * @param inText whether all values come as text, however often it is carried out
 */
public record Call(
    Analysis analysis,
    SqlText text,
    boolean prepared,
    Arguments arguments,
    GeneratedKeys keys,
    StatementOptions options,
    Running running,
    Optional<Instants> now,
    boolean inText) {

  public Call(
      Analysis analysis,
      boolean prepared,
      Arguments arguments,
      GeneratedKeys keys,
      StatementOptions options,
      Running running) {
    this(
        analysis,
        analysis.text(),
        prepared,
        arguments,
        keys,
        options,
        running,
        Optional.empty(),
        /* inText= */ false);
  }

  /** The same with another text, and what time it is in it. */
  public Call with(SqlText changed, Instants instants) {
    boolean parameters = prepared || !changed.bindings().isEmpty();
    return new Call(
        analysis,
        changed,
        parameters,
        arguments,
        keys,
        options,
        running,
        Optional.of(instants),
        inText);
  }

  /**
   * The same as it is carried out where the session has set that. The driver writes moments that
   * come in binary form by the time zone that the connection has when they are read, so rows that
   * may be read later come as text.
   */
  public Call under(SessionView set) {
    return set.setsTimeZone() && (analysis.givesRows() || keys.wanted()) ? asText() : this;
  }

  /**
   * The same with values as text. The text is another to the driver, which goes on in binary form
   * with a text that it has prepared before.
   */
  private Call asText() {
    SqlText apart = new SqlText(text.text() + " ", text.bindings());
    return new Call(
        analysis, apart, prepared, arguments, keys, options, running, now, /* inText= */ true);
  }

  /** The same with rows that cannot be changed. */
  public Call readOnly() {
    return options.concurrency == ResultSet.CONCUR_READ_ONLY
        ? this
        : new Call(
            analysis, text, prepared, arguments, keys, options.readOnly(), running, now, inText);
  }

  public StatementKind kind() {
    return analysis.kind() == Analysis.Kind.QUERY ? StatementKind.QUERY : StatementKind.UPDATE;
  }

  /**
   * Carries it out on a connection of the driver.
   *
   * @param outlive whether the rows will be read after the connection has been given back
   * @param limitSeconds the most that is left of the deadline; 0 where there is time enough
   */
  public Answered on(Connection connection, boolean outlive, int limitSeconds) throws SQLException {
    return on(connection, outlive, limitSeconds, () -> {});
  }

  /**
   * The same.
   *
   * @param executed is run as soon as the shard has carried it out, before its rows are looked at
   */
  public Answered on(Connection connection, boolean outlive, int limitSeconds, Runnable executed)
      throws SQLException {
    Statement statement = prepared ? prepare(connection, outlive) : create(connection, outlive);
    try {
      options.applyTo(statement, limitSeconds);
      if (outlive) {
        statement.setFetchSize(0); // a cursor would end with the statement's own transaction
      }
      if (inText && keys.wanted()) {
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      }
      if (statement instanceof PreparedStatement parametrised) {
        bind(parametrised);
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
      executed.run();
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
    ResultSet read = gaveRows ? rows : generated;
    boolean tied = !outlive && isTied();
    if (outlive) {
      OutlivingRows.detach(statement, read);
    } else if (read != null && !tied) {
      OutlivingRows.learnTypes(statement, read);
    }
    boolean readOnly = concurrency(outlive) != options.concurrency(outlive);
    return new Answered(
        rows != null && readOnly ? new ReadOnlyRows(rows) : rows,
        count,
        generated,
        warnings,
        outlive ? null : statement,
        tied);
  }

  /** The driver asks for text wherever it might have to change rows, however often it runs. */
  private int concurrency(boolean outlive) {
    return inText && prepared ? ResultSet.CONCUR_UPDATABLE : options.concurrency(outlive);
  }

  /** Generated keys come as they do where no options are said. */
  private boolean isTied() {
    return keys.wanted() ? options.fetchSize > 0 : options.tieRows();
  }

  /** The names of the types of its columns. */
  public String[] typeNames(Connection connection) throws SQLException {
    try (PreparedStatement statement = prepare(connection, /* outlive= */ true)) {
      bind(statement);
      ResultSetMetaData columns = statement.getMetaData();
      return columns == null ? new String[0] : TypeNames.read(columns);
    }
  }

  private void bind(PreparedStatement statement) throws SQLException {
    if (now.isEmpty()) {
      bind(statement, text.bindings(), arguments);
      return;
    }
    for (int at = 1; at <= text.bindings().size(); at++) {
      if (text.bindings().get(at - 1) instanceof Binding.Parameter parameter) {
        arguments.bind(statement, at, parameter.place());
      } else if (text.bindings().get(at - 1) instanceof Binding.StatementStart) {
        statement.setObject(at, now.get().statement());
      } else {
        statement.setObject(at, now.get().transaction());
      }
    }
  }

  /** Sets the caller's parameters at the places of the caller's own text. */
  static void bind(PreparedStatement statement, List<Binding> bindings, Arguments arguments)
      throws SQLException {
    for (int at = 1; at <= bindings.size(); at++) {
      if (!(bindings.get(at - 1) instanceof Binding.Parameter parameter)) {
        throw new IllegalStateException("the caller's own text has the caller's parameters only");
      }
      arguments.bind(statement, at, parameter.place());
    }
  }

  private PreparedStatement prepare(Connection connection, boolean outlive) throws SQLException {
    String sql = text.text();
    if (keys.all()) {
      return connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS);
    }
    return keys.wanted()
        ? connection.prepareStatement(sql, keys.names())
        : connection.prepareStatement(sql, options.type, concurrency(outlive), options.holdability);
  }

  private Statement create(Connection connection, boolean outlive) throws SQLException {
    return connection.createStatement(
        options.type, options.concurrency(outlive), options.holdability);
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

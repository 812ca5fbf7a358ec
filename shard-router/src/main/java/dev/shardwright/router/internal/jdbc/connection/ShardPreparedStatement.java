package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.internal.jdbc.rows.DetachedColumns;
import dev.shardwright.router.internal.jdbc.statement.Analysed;
import dev.shardwright.router.internal.jdbc.statement.BatchEntry;
import dev.shardwright.router.internal.jdbc.statement.GeneratedKeys;
import dev.shardwright.router.internal.jdbc.statement.StatementOptions;
import dev.shardwright.router.internal.jdbc.value.Arguments;
import dev.shardwright.router.internal.jdbc.value.KnownParameters;
import dev.shardwright.router.internal.sql.Analysis;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/**
 * A statement with parameters, whose values decide, each time, to which shards it goes. Prepared on
 * a shard only when it is carried out there. Used by one thread at a time.
 */
final class ShardPreparedStatement extends ParameterSetting {
  private final String sql;
  private final GeneratedKeys keys;
  private Analysed analysed;

  /** Null until somebody asks. */
  private @Nullable ParameterMetaData parameters;

  ShardPreparedStatement(
      ShardConnection connection,
      String sql,
      Analysed analysed,
      GeneratedKeys keys,
      StatementOptions options) {
    super(connection, options, analysed.analysis().parameters());
    this.sql = sql;
    this.analysed = analysed;
    this.keys = keys;
  }

  /** Looked at again if tables were registered since, or the search path is another. */
  @SuppressWarnings("ReferenceEquality") // it is nearly always the very same
  private Analysed analysed() throws SQLException {
    Analysed now = connection.still(analysed, sql);
    if (now != analysed) {
      analysed = now;
      parameters = null;
    }
    return now;
  }

  private Analysis analysis() throws SQLException {
    return analysed().analysis();
  }

  @Override
  public boolean execute() throws SQLException {
    return run(analysis(), /* prepared= */ true, arguments(), keys);
  }

  @Override
  public ResultSet executeQuery() throws SQLException {
    execute();
    return theRows();
  }

  @Override
  public int executeUpdate() throws SQLException {
    return Counts.toInt(executeLargeUpdate());
  }

  @Override
  public long executeLargeUpdate() throws SQLException {
    execute();
    return theCount();
  }

  @Override
  public void addBatch() throws SQLException {
    checkOpen();
    Arguments added = arguments();
    added.checkComplete();
    add(new BatchEntry(sql, analysed(), /* prepared= */ true, added));
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    return runBatch(keys);
  }

  @Override
  public @Nullable ResultSetMetaData getMetaData() throws SQLException {
    checkOpen();
    return described(statement -> DetachedColumns.whole(statement.getMetaData())).orElse(null);
  }

  @Override
  public ParameterMetaData getParameterMetaData() throws SQLException {
    checkOpen();
    ParameterMetaData known = parameters;
    if (known == null) {
      known = described(statement -> KnownParameters.of(statement.getParameterMetaData()));
      parameters = known;
    }
    return known;
  }

  /** Asks a statement of the driver that is not carried out. */
  private <T> T described(Description<T> question) throws SQLException {
    Analysis of = analysis();
    return connection.onShardOf(
        of,
        driver -> {
          try (PreparedStatement statement = driver.prepareStatement(of.text().text())) {
            return question.of(statement);
          }
        });
  }

  /** What is asked, while the connection is at hand. */
  @FunctionalInterface
  private interface Description<T> {
    T of(PreparedStatement statement) throws SQLException;
  }

  @Override
  void checkTakesText() throws SQLException {
    throw new SQLException(
        "a prepared statement has its text already: use the methods without one",
        PSQLState.WRONG_OBJECT_TYPE.getState());
  }
}

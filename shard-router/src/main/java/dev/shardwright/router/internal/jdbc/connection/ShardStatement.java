package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.internal.jdbc.dispatch.BatchRun;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.jdbc.statement.Batch;
import dev.shardwright.router.internal.jdbc.statement.BatchEntry;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.jdbc.statement.GeneratedKeys;
import dev.shardwright.router.internal.jdbc.statement.Running;
import dev.shardwright.router.internal.jdbc.statement.StatementOptions;
import dev.shardwright.router.internal.jdbc.value.Arguments;
import dev.shardwright.router.internal.sql.Analysis;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A statement whose text decides, each time, to which shards it goes. Holds no connection of a
 * shard in autocommit mode. Used by one thread at a time, but for {@link #cancel}.
 */
class ShardStatement extends OptionSetting {
  private static final Logger log = LoggerFactory.getLogger(ShardStatement.class);

  final ShardConnection connection;
  final Running running = new Running();

  /** What is to be carried out together; each with the parameters it had. */
  private final List<BatchEntry> batch = new ArrayList<>();

  private Answered answered = Answered.NOTHING;
  private @Nullable ShardResultSet rows;
  private @Nullable Call call;
  private @Nullable SQLWarning warnings;
  private boolean moreResultsAsked = true;
  private boolean closeOnCompletion;
  private boolean closed;

  ShardStatement(ShardConnection connection, StatementOptions options) {
    super(options);
    this.connection = connection;
  }

  /** Carries it out and keeps what came of it; says whether that is rows. */
  final boolean run(Analysis analysis, boolean prepared, Arguments arguments, GeneratedKeys keys)
      throws SQLException {
    startNext();
    Call next = new Call(analysis, prepared, arguments, keys, options, running);
    running.begin();
    try {
      keep(connection.run(next), next);
    } finally {
      running.end();
    }
    return rows != null;
  }

  /** What came of the statement before is closed. */
  final void startNext() throws SQLException {
    checkOpen();
    Answered before = answered;
    answered = Answered.NOTHING;
    rows = null;
    warnings = null;
    moreResultsAsked = true;
    before.close();
  }

  private void keep(Answered came, Call of) {
    answered = came;
    call = of;
    warnings = came.warnings();
    moreResultsAsked = false;
    if (came.rows() != null) {
      rows = new ShardResultSet(came.rows(), this, of, came.open());
    }
  }

  /** Whether what came last is of that statement of the driver, whose connection is ours still. */
  final boolean isOpen(Statement ofDriver) {
    return answered.open() == ofDriver;
  }

  /** The transaction ends: what its rows need of the connection is closed, or done without. */
  final void leaveTransaction() {
    Answered before = answered;
    answered = Answered.NOTHING;
    try {
      answered = before.detached();
    } catch (SQLException e) {
      log.debug("rows could not be kept beyond their transaction, so they are closed", e);
      closeQuietly(before);
    }
  }

  private static void closeQuietly(Answered answered) {
    try {
      answered.close();
    } catch (SQLException e) {
      log.debug("rows could not be closed at the end of their transaction", e);
    }
  }

  final ResultSet theRows() throws SQLException {
    ShardResultSet came = rows;
    if (came == null) {
      throw new SQLException(
          "No results were returned by the query.", PSQLState.NO_DATA.getState());
    }
    return came;
  }

  final long theCount() throws SQLException {
    if (rows != null) {
      throw new SQLException(
          "A result was returned when none was expected.", PSQLState.TOO_MANY_RESULTS.getState());
    }
    return answered.count();
  }

  /** Rows were closed, perhaps those of an earlier run. */
  final void closedRows() throws SQLException {
    if (closeOnCompletion && isOver(answered.rows()) && isOver(answered.keys())) {
      close();
    }
  }

  private static boolean isOver(@Nullable ResultSet read) throws SQLException {
    return read == null || read.isClosed();
  }

  @Override
  final void checkOpen() throws SQLException {
    if (closed) {
      throw SqlFailures.closedStatement();
    }
  }

  /**
   * @throws SQLException if the statement had its text when it was made
   */
  void checkTakesText() throws SQLException {}

  private boolean run(String sql, GeneratedKeys keys) throws SQLException {
    checkOpen();
    checkTakesText();
    Analysis analysis = connection.analyse(sql).analysis();
    return run(analysis, /* prepared= */ false, Arguments.NONE, keys);
  }

  @Override
  public ResultSet executeQuery(String sql) throws SQLException {
    run(sql, GeneratedKeys.NONE);
    return theRows();
  }

  @Override
  public int executeUpdate(String sql) throws SQLException {
    return Counts.toInt(executeLargeUpdate(sql));
  }

  @Override
  public int executeUpdate(String sql, int keys) throws SQLException {
    return Counts.toInt(executeLargeUpdate(sql, keys));
  }

  @Override
  public int executeUpdate(String sql, int[] keys) throws SQLException {
    return Counts.toInt(executeLargeUpdate(sql, keys));
  }

  @Override
  public int executeUpdate(String sql, String[] keys) throws SQLException {
    return Counts.toInt(executeLargeUpdate(sql, keys));
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    run(sql, GeneratedKeys.NONE);
    return theCount();
  }

  @Override
  public long executeLargeUpdate(String sql, int keys) throws SQLException {
    run(sql, GeneratedKeys.of(keys));
    return theCount();
  }

  @Override
  public long executeLargeUpdate(String sql, int[] keys) throws SQLException {
    run(sql, GeneratedKeys.of(keys));
    return theCount();
  }

  @Override
  public long executeLargeUpdate(String sql, String[] keys) throws SQLException {
    run(sql, GeneratedKeys.of(keys));
    return theCount();
  }

  @Override
  public boolean execute(String sql) throws SQLException {
    return run(sql, GeneratedKeys.NONE);
  }

  @Override
  public boolean execute(String sql, int keys) throws SQLException {
    return run(sql, GeneratedKeys.of(keys));
  }

  @Override
  public boolean execute(String sql, int[] keys) throws SQLException {
    return run(sql, GeneratedKeys.of(keys));
  }

  @Override
  public boolean execute(String sql, String[] keys) throws SQLException {
    return run(sql, GeneratedKeys.of(keys));
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    checkOpen();
    return rows;
  }

  @Override
  public int getUpdateCount() throws SQLException {
    return Counts.toInt(getLargeUpdateCount());
  }

  @Override
  public long getLargeUpdateCount() throws SQLException {
    checkOpen();
    return moreResultsAsked ? -1 : answered.count();
  }

  /** A statement has one result, so there are no more. */
  @Override
  public boolean getMoreResults() throws SQLException {
    return getMoreResults(CLOSE_CURRENT_RESULT);
  }

  @Override
  public boolean getMoreResults(int current) throws SQLException {
    checkOpen();
    ShardResultSet came = rows;
    if (came != null && current != KEEP_CURRENT_RESULT) {
      came.close();
    }
    rows = null;
    moreResultsAsked = true;
    return false;
  }

  @Override
  public ResultSet getGeneratedKeys() throws SQLException {
    checkOpen();
    ResultSet keys = answered.keys();
    return keys == null
        ? new ShardResultSet(connection.noRows(), this, null, null)
        : new ShardResultSet(keys, this, call, answered.open());
  }

  @Override
  public void addBatch(String sql) throws SQLException {
    checkOpen();
    checkTakesText();
    boolean later = !batch.isEmpty() && batch.get(batch.size() - 1).decidesHowToReadOn();
    add(BatchEntry.of(sql, later ? null : connection.analyse(sql)));
  }

  final void add(BatchEntry entry) {
    batch.add(entry);
  }

  @Override
  public void clearBatch() throws SQLException {
    checkOpen();
    batch.clear();
  }

  @Override
  public int[] executeBatch() throws SQLException {
    return Counts.toInts(executeLargeBatch());
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    return runBatch(GeneratedKeys.NONE);
  }

  final long[] runBatch(GeneratedKeys keys) throws SQLException {
    startNext();
    List<BatchEntry> entries = takeEntries();
    if (entries.isEmpty()) {
      return new long[0];
    }
    Batch batched = new Batch(entries, keys, options, running);
    BatchRun all = connection.batch(batched);
    running.begin();
    try {
      return all.run();
    } finally {
      running.end();
      keep(all.answered(), batched.call(entries.get(0)));
    }
  }

  /** The search path may be another since they were added. */
  private List<BatchEntry> takeEntries() throws SQLException {
    List<BatchEntry> entries = new ArrayList<>();
    try {
      for (BatchEntry entry : batch) {
        entries.add(entry.read() == null ? entry : connection.read(entry));
      }
    } finally {
      batch.clear();
    }
    return entries;
  }

  @Override
  public void cancel() throws SQLException {
    try {
      running.cancel();
    } finally {
      connection.wake();
    }
  }

  @Override
  public void close() throws SQLException {
    if (!closed) {
      closed = true;
      connection.closed(this);
      answered.close();
    }
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void closeOnCompletion() throws SQLException {
    checkOpen();
    closeOnCompletion = true;
  }

  @Override
  public boolean isCloseOnCompletion() throws SQLException {
    checkOpen();
    return closeOnCompletion;
  }

  @Override
  public Connection getConnection() throws SQLException {
    checkOpen();
    return connection;
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return warnings;
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
    warnings = null;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw SqlFailures.notSupported(
        "a statement over shards wraps no "
            + type.getName()
            + ": it has none outside its execution");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}

package dev.shardwright.router.internal.jdbc.connection;

import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.internal.jdbc.dispatch.BatchRun;
import dev.shardwright.router.internal.jdbc.dispatch.Dispatch;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.session.AnyShard;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.session.Transaction;
import dev.shardwright.router.internal.jdbc.setting.Quoting;
import dev.shardwright.router.internal.jdbc.setting.SessionSettings;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import dev.shardwright.router.internal.jdbc.statement.Analysed;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.jdbc.statement.Batch;
import dev.shardwright.router.internal.jdbc.statement.BatchEntry;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.jdbc.statement.GeneratedKeys;
import dev.shardwright.router.internal.jdbc.statement.StatementOptions;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLState;

/**
 * A connection to all shards: each statement goes where its sharding key says. Outside transactions
 * it holds no connection of a shard between statements; a transaction is bound to the shard of its
 * first statement with a key. Used by one thread at a time, but for {@link #abort}, and {@link
 * #close}, which is the same where another thread is in the middle of something.
 */
public final class ShardConnection extends LimitedConnection {
  private final Engine engine;
  private final int fetchSize;
  private final String url;
  private final Runnable onClose;
  private final OpenStatements statements = new OpenStatements();
  private final Session session;
  private final Dispatch dispatch;

  /**
   * @param multiShardWrites whether a write to several shards is carried out as one transaction per
   *     shard
   * @param fetchSize rows at a time, 0 for all
   */
  public ShardConnection(
      Engine engine, boolean multiShardWrites, int fetchSize, String url, Runnable onClose) {
    this.engine = engine;
    this.fetchSize = fetchSize;
    this.url = url;
    this.onClose = onClose;
    this.session = new Session(engine, statements);
    this.dispatch = new Dispatch(engine, session, multiShardWrites);
  }

  /** The router that it is a connection of. */
  public ShardRouter router() {
    return engine.router();
  }

  // What statements ask of their connection

  /** The analysis of a text that is to have no parameters. */
  Analysed analyse(String sql) throws SQLException {
    Analysed read = analysed(sql);
    if (read.analysis().parameters() > 0) {
      throw session.failure(
          new SQLException(
              "the statement has parameters: prepare it, and write an operator's question mark as"
                  + " ??",
              PSQLState.INVALID_PARAMETER_VALUE.getState()));
    }
    return read;
  }

  private Analysed analysed(String sql) throws SQLException {
    checkOpen();
    try {
      return Analysed.of(sql, session.view().effectivePath(), engine);
    } catch (SQLException e) {
      throw session.failure(e);
    }
  }

  /** The analysis, made anew if it may be another by now. */
  Analysed still(Analysed before, String sql) throws SQLException {
    checkOpen();
    try {
      return before.still(sql, session.view().effectivePath(), engine);
    } catch (SQLException e) {
      throw session.failure(e);
    }
  }

  /** Carries a statement out. */
  Answered run(Call call) throws SQLException {
    return session.use().during(() -> dispatch.run(call));
  }

  /** An entry of a batch as it is to be read now. */
  BatchEntry read(BatchEntry entry) throws SQLException {
    Analysed before = entry.read();
    return entry.as(before == null ? analyse(entry.sql()) : still(before, entry.sql()));
  }

  /** A batch, to be carried out once. */
  BatchRun batch(Batch all) {
    return new BatchRun(engine, session, dispatch, this::read, all);
  }

  /** The answer of the shard of the transaction, or of whichever shard can give one. */
  <T> T onAnyShard(AnyShard.Ask<T> question) throws SQLException {
    return anyShard().answer(question);
  }

  /** The same for a question about a statement, which only a shard with its tables can answer. */
  <T> T onShardOf(Analysis statement, AnyShard.Ask<T> question) throws SQLException {
    return anyShard().answer(statement, question);
  }

  /** A result set without rows. */
  ResultSet noRows() throws SQLException {
    return anyShard().noRows();
  }

  private AnyShard anyShard() {
    return new AnyShard(engine, session);
  }

  /** Lets statements that wait look whether they were cancelled. */
  void wake() {
    engine.runner().topology().wake();
  }

  /** A statement was closed. */
  void closed(ShardStatement statement) {
    statements.remove(statement);
  }

  // Statements

  @Override
  public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
    checkOpen();
    return statements.add(new ShardStatement(this, options(type, concurrency, holdability)));
  }

  @Override
  PreparedStatement prepare(
      String sql, GeneratedKeys keys, int type, int concurrency, int holdability)
      throws SQLException {
    return statements.add(
        new ShardPreparedStatement(
            this, sql, analysed(sql), keys, options(type, concurrency, holdability)));
  }

  /** Rows that can be changed need their connection, so they are for transactions. */
  private StatementOptions options(int type, int concurrency, int holdability) {
    return new StatementOptions(
        type,
        session.transaction() == null ? ResultSet.CONCUR_READ_ONLY : concurrency,
        holdability,
        fetchSize);
  }

  // Transactions

  @Override
  public void setAutoCommit(boolean wanted) throws SQLException {
    session.use().doing(() -> session.autoCommit(wanted));
  }

  @Override
  public boolean getAutoCommit() throws SQLException {
    checkOpen();
    return session.autoCommit();
  }

  @Override
  public void commit() throws SQLException {
    end("commit", Transaction::commit);
  }

  @Override
  public void rollback() throws SQLException {
    end("rollback", Transaction::rollback);
  }

  private void end(String what, Session.End how) throws SQLException {
    session
        .use()
        .doing(
            () -> {
              checkNotAutoCommit(what);
              session.end(how, /* chain= */ false);
            });
  }

  private void checkNotAutoCommit(String what) throws SQLException {
    if (session.autoCommit() && session.transaction() == null) {
      throw SqlFailures.notInState(
          "cannot " + what + " when autoCommit is enabled", SqlFailures.NO_TRANSACTION);
    }
  }

  @Override
  public Savepoint setSavepoint() throws SQLException {
    return session.use().during(() -> savepoint(null));
  }

  @Override
  public Savepoint setSavepoint(String name) throws SQLException {
    return session.use().during(() -> savepoint(name));
  }

  private Savepoint savepoint(@Nullable String name) throws SQLException {
    Transaction within = session.transactionFor("a savepoint");
    if (within.isAborted()) {
      throw SqlFailures.aborted();
    }
    return within.setSavepoint(name, session.view());
  }

  @Override
  public void rollback(Savepoint savepoint) throws SQLException {
    session.use().doing(() -> session.rollbackTo(savepoint));
  }

  @Override
  public void releaseSavepoint(Savepoint savepoint) throws SQLException {
    session.use().doing(() -> session.transactionFor("releasing a savepoint").release(savepoint));
  }

  @Override
  public void setTransactionIsolation(int level) throws SQLException {
    session.use().doing(() -> session.isolation(IsolationLevel.of(level)));
  }

  @Override
  public int getTransactionIsolation() throws SQLException {
    checkOpen();
    return anyShard().isolation();
  }

  @Override
  public void setReadOnly(boolean wanted) throws SQLException {
    session.use().doing(() -> session.readOnly(wanted));
  }

  @Override
  public boolean isReadOnly() throws SQLException {
    checkOpen();
    return session.readOnly();
  }

  // The session

  @Override
  public void setSchema(@Nullable String schema) throws SQLException {
    checkOpen();
    SessionView changed = withSchema(schema);
    String sql =
        schema == null ? "reset search_path" : "set search_path to " + Quoting.name(schema);
    session.use().doing(() -> session.view(changed, sql));
  }

  private SessionView withSchema(@Nullable String schema) throws SQLException {
    SessionSettings.Setting setting = SessionSettings.Setting.SEARCH_PATH;
    SessionView now = session.view();
    try {
      return schema == null ? now.without(setting) : now.with(setting, List.of(schema));
    } catch (SqlRefused e) {
      throw session.failure(e);
    }
  }

  @Override
  public @Nullable String getSchema() throws SQLException {
    checkOpen();
    List<String> schemas = session.view().effectivePath().schemas();
    return schemas.isEmpty() ? null : schemas.get(0);
  }

  @Override
  public void setNetworkTimeout(@Nullable Executor executor, int millis) throws SQLException {
    int wanted = Counts.notNegative("network timeout", millis);
    session.use().doing(() -> session.networkTimeoutMillis(wanted));
  }

  @Override
  public int getNetworkTimeout() throws SQLException {
    checkOpen();
    return session.networkTimeoutMillis();
  }

  @Override
  public DatabaseMetaData getMetaData() throws SQLException {
    checkOpen();
    return ClusterMetaData.of(this, url);
  }

  // The end

  @Override
  void checkOpen() throws SQLException {
    session.checkOpen();
  }

  @Override
  public void close() throws SQLException {
    if (isClosed()) {
      statements.close(); // which an abort leaves to the thread that reads their rows
      return;
    }
    boolean unused = true;
    try {
      unused = session.close();
    } finally {
      if (unused) {
        onClose.run();
      } else {
        abort(session.abandon());
      }
    }
  }

  @Override
  public boolean isClosed() {
    return session.isClosed();
  }

  /** Says whether the router is there; a shard that is down concerns its own keys only. */
  @Override
  public boolean isValid(int seconds) throws SQLException {
    Counts.notNegative("timeout", seconds);
    return !isClosed() && !engine.runner().isClosed();
  }

  @Override
  public void abort(@Nullable Executor executor) throws SQLException {
    if (executor == null) {
      throw new SQLException(
          "abort needs an executor", PSQLState.INVALID_PARAMETER_VALUE.getState());
    }
    if (isClosed()) {
      return;
    }
    Optional<Transaction> open = session.abandon();
    Runnable rest = () -> abort(open);
    try {
      executor.execute(rest);
    } catch (RejectedExecutionException e) {
      rest.run(); // nobody else would do it: the connection counts as closed
    }
  }

  private void abort(Optional<Transaction> open) {
    // First, since a server notices only after the statement that its client has gone.
    statements.abort();
    wake();
    open.ifPresent(Transaction::abort);
    onClose.run();
  }
}

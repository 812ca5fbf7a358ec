package dev.shardwright.router.jdbc;

import dev.shardwright.router.Explanation;
import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.rows.OutlivingRows;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.scatter.Explaining;
import dev.shardwright.router.internal.scatter.ScatterExecution;
import dev.shardwright.router.internal.scatter.ScatterQuery;
import dev.shardwright.router.internal.scatter.SessionState;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.SessionStatement;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.write.ShardWrite;
import dev.shardwright.router.internal.sql.write.WritePlan;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Struct;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * A connection to all shards: each statement goes where its sharding key says. Outside transactions
 * it holds no connection of a shard between statements; a transaction is bound to the shard of its
 * first statement with a key. Used by one thread at a time, but for {@link #abort}.
 */
final class ShardConnection implements Connection {
  private final Engine engine;
  private final ConnectionSettings settings;
  private final String url;
  private final Runnable onClose;
  private final Properties clientInfo = new Properties();
  private final SessionCommands commands = new SessionCommands(this);
  private SessionView view;
  private boolean autoCommit = true;
  private boolean readOnly;
  private int holdability = ResultSet.CLOSE_CURSORS_AT_COMMIT;
  private Optional<IsolationLevel> isolation = Optional.empty();
  private int networkTimeoutMillis;

  /** The network timeouts that borrowed connections will have again. */
  private final Map<Connection, Integer> pooledTimeouts = new ConcurrentHashMap<>();

  /** The transaction that the next statement belongs to; null in autocommit mode. */
  private @Nullable Transaction transaction;

  private volatile boolean closed;

  /**
   * A text that was analysed.
   *
   * @param registered the topology that it was analysed under
   */
  record Analysed(Analysis analysis, SearchPath path, Topology registered) {}

  /** Asks something of a connection of the driver. */
  @FunctionalInterface
  interface Ask<T> {
    T of(PgConnection driver) throws SQLException;
  }

  ShardConnection(Engine engine, ConnectionSettings settings, String url, Runnable onClose) {
    this.engine = engine;
    this.settings = settings;
    this.url = url;
    this.onClose = onClose;
    this.view = engine.initial();
  }

  /** The router that it is a connection of. */
  ShardRouter router() {
    return engine.router();
  }

  // What statements ask of their connection

  Analysis analyse(String sql) throws SQLException {
    return analysed(sql).analysis();
  }

  private Analysed analysed(String sql) throws SQLException {
    checkOpen();
    try {
      Topology topology = engine.topology();
      SearchPath path = view.effectivePath();
      return new Analysed(engine.analyse(sql, path), path, topology);
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }

  /** The analysis, made anew if it may be another by now. */
  @SuppressWarnings("ReferenceEquality") // a snapshot is nearly always the very one seen last
  Analysed still(Analysed before, String sql) throws SQLException {
    checkOpen();
    return before.path().equals(view.effectivePath()) && before.registered() == topology()
        ? before
        : analysed(sql);
  }

  private Topology topology() throws SQLException {
    try {
      return engine.topology();
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }

  /** Carries a statement out. */
  Answered run(Call call) throws SQLException {
    checkOpen();
    try {
      Optional<SessionStatement> command = call.analysis().session();
      if (command.isPresent() && commands.run(command.get(), call.analysis().text().text())) {
        return Answered.NOTHING;
      }
      Transaction within = transaction;
      return within == null ? inAutocommit(call) : within(within, call);
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  /** Where an entry of a batch goes. */
  Destination destination(BatchEntry entry) throws SQLException {
    checkOpen();
    try {
      return entry.analysis().destination(entry.arguments(), engine.topology());
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  /** Carries out the part of a batch that goes to one shard. */
  Batch.Outcome runPart(Destination.OneShard destination, Batch part) throws SQLException {
    checkOpen();
    Transaction within = transaction;
    Target target = Engine.target(destination);
    try {
      if (within == null) {
        checkMayWrite(part.entries().get(0).analysis());
        return engine.runner().run(target, new BatchWork(part, state()));
      }
      if (within.isAborted()) {
        throw SqlFailures.aborted();
      }
      return within.on(
          target,
          StatementKind.UPDATE,
          (loan, limit) -> part.on(loan.driver(), /* outlive= */ false, limit));
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  /** After a failure that PostgreSQL does not know of, the transaction is aborted all the same. */
  private SQLException failure(RuntimeException e) {
    Transaction within = transaction;
    if (within != null) {
      within.fail();
    }
    return SqlFailures.of(e);
  }

  private Answered inAutocommit(Call call) throws SQLException {
    checkMayWrite(call.analysis());
    Destination to = call.analysis().destination(call.arguments(), engine.topology());
    if (to instanceof Destination.OneShard one && !one.keys().isEmpty()) {
      return alone(Engine.target(one), call);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return alone(new Target.OfSingle(single.keyspace(), single.region()), call);
    }
    if (to instanceof Destination.AnyShard) {
      return engine.onAnyShard(() -> new AutocommitWork(engine, call, state()));
    }
    Stay stay = engine.admit(call, /* waits= */ true);
    try {
      return admitted(call, stay);
    } finally {
      stay.end();
    }
  }

  /** Carries out a statement that may be about rows of any keys. */
  private Answered admitted(Call call, Stay stay) throws SQLException {
    Topology topology = stay.routing().topology();
    Destination to = call.analysis().destination(call.arguments(), topology);
    if (to instanceof Destination.SeveralShards several) {
      return overShards(call, several, stay);
    }
    if (to instanceof Destination.OneShard one) {
      return alone(Engine.target(one).begun(), call);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return alone(new Target.OfSingle(single.keyspace(), single.region()), call);
    }
    return engine.onAnyShard(() -> new AutocommitWork(engine, call, state()));
  }

  private Answered alone(Target target, Call call) {
    return engine.runner().run(target, new AutocommitWork(engine, call, state()));
  }

  private Answered within(Transaction within, Call call) throws SQLException {
    if (within.isAborted()) {
      throw SqlFailures.aborted();
    }
    Destination to = call.analysis().destination(call.arguments(), engine.topology());
    Transaction.OnShard<Answered> work =
        (loan, limit) -> call.on(loan.driver(), /* outlive= */ false, limit);
    if (to instanceof Destination.OneShard one) {
      return within.on(Engine.target(one), call.kind(), work);
    }
    if (to instanceof Destination.SingleKeyspace single) {
      return within.on(new Target.OfSingle(single.keyspace(), single.region()), call.kind(), work);
    }
    if (to instanceof Destination.SeveralShards) {
      return overShards(within, call);
    }
    if (within.bound().isPresent()) {
      return within.onBound(work);
    }
    if (isApart(within, call)) {
      // Each statement has a snapshot of its own in such a transaction: it may as well run apart.
      return engine.onAnyShard(() -> new AutocommitWork(engine, call, state()));
    }
    return within.on(new Target.OfShard(engine.anyOrder().get(0)), call.kind(), work);
  }

  /** Whether a statement that any shard can answer need not be part of the transaction. */
  private boolean isApart(Transaction within, Call call) {
    return within.isPlain()
        && engine.onlyReads(call.analysis())
        && !within.isolation().map(IsolationLevel::keepsSnapshot).orElse(false);
  }

  /** Whoever waits within a transaction that is under way may keep others waiting. */
  private Answered overShards(Transaction within, Call call) throws SQLException {
    Stay stay = engine.admit(call, /* waits= */ within.bound().isEmpty());
    try {
      Topology topology = stay.routing().topology();
      Destination to = call.analysis().destination(call.arguments(), topology);
      if (to instanceof Destination.SeveralShards several) {
        return overShards(call, several, stay);
      }
    } finally {
      stay.end();
    }
    return within(within, call);
  }

  private Answered overShards(Call call, Destination.SeveralShards several, Stay stay)
      throws SQLException {
    return switch (call.analysis().kind()) {
      case QUERY -> scattered(call, several, stay);
      case WRITE -> {
        WritePlan plan = call.analysis().writes(call.arguments(), stay.routing().topology());
        checkMayWriteSeveral(
            "a write to the shards " + several.shards(), /* rowsListed= */ isListed(plan));
        yield written(call, plan);
      }
      case SCHEMA_CHANGE -> {
        checkMayWriteSeveral("a schema change on all shards", /* rowsListed= */ false);
        try {
          yield written(call, everywhere(call, several));
        } finally {
          engine.scatter().schemaChanged();
        }
      }
      case EXPLAIN -> explained(call, several);
      case SESSION -> throw new IllegalStateException("a session statement goes to one shard");
    };
  }

  private Answered explained(Call call, Destination.SeveralShards several) throws SQLException {
    Analysis of = call.analysis().explained().orElse(call.analysis());
    if (of.kind() != Analysis.Kind.QUERY) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          "EXPLAIN over several shards tells about queries: give the sharding key");
    }
    Explanation explanation =
        new Explaining(call.arguments(), ScatterOptions.DEFAULTS)
            .overShards(several.shards(), of.answers());
    String[] lines = explanation.lines().toArray(String[]::new);
    return onAnyShard(
        driver -> {
          PreparedStatement statement =
              OutlivingRows.prepare(driver, "select unnest(?::text[]) as \"QUERY PLAN\"");
          statement.setArray(1, driver.createArrayOf("text", lines));
          ResultSet rows = statement.executeQuery();
          OutlivingRows.detach(statement, rows);
          return Answered.ofRows(rows);
        });
  }

  private static WritePlan everywhere(Call call, Destination.SeveralShards several) {
    return new WritePlan(
        several.shards().stream()
            .map(shard -> new Destination.OneShard("", Region.ALL, shard, List.of()))
            .map(shard -> new ShardWrite(shard, call.text(), List.of()))
            .toList(),
        /* replicated= */ true);
  }

  /** Whether all rows that are written stand in the statement: those of INSERT … VALUES. */
  private static boolean isListed(WritePlan plan) {
    return plan.writes().stream().noneMatch(write -> write.rows().isEmpty());
  }

  private Answered written(Call call, WritePlan plan) throws SQLException {
    engine.scatter().checkCalls(call.analysis());
    List<PartsRun.Part<Answered>> parts = new ArrayList<>();
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    plan.writes().forEach(write -> parts.add(() -> written(call, write, now)));
    return WriteRun.answered(plan, atOnce(parts, call.options(), call.running()));
  }

  /** Carries out the parts of a write, each a transaction of its own on its shard. */
  <T> List<PartEnd<T>> atOnce(
      List<PartsRun.Part<T>> parts, StatementOptions options, Running running) {
    return new PartsRun<>(parts, running)
        .run(engine.scatter().workers(), options.deadline(engine.runner().timeouts().statement()));
  }

  private Answered written(Call call, ShardWrite part, OffsetDateTime now) throws SQLException {
    try {
      return alone(Engine.target(part.destination()).begun(), call.with(part.text(), now));
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }

  private void checkMayWriteSeveral(String what, boolean rowsListed) {
    if (transaction != null) {
      throw new SqlRefused(
          SqlRefused.Reason.WRITES_SEVERAL_SHARDS,
          what
              + " cannot be part of a transaction, which is on one shard: use autocommit, or"
              + " write the rows of one sharding key at a time");
    }
    if (!rowsListed && !settings.multiShardWrites()) {
      throw new SqlRefused(
          SqlRefused.Reason.WRITES_SEVERAL_SHARDS,
          what
              + " is not atomic: give the sharding key, or allow it with the connection property"
              + " multiShardWrites=per-shard, one transaction for each shard");
    }
  }

  private Answered scattered(Call call, Destination.SeveralShards several, Stay stay)
      throws SQLException {
    Transaction within = transaction;
    if (within != null && currentIsolation().keepsSnapshot()) {
      throw new SqlRefused(
          SqlRefused.Reason.NOT_OVER_SHARDS,
          ("a query over several shards within a %s transaction: each shard has a snapshot of its"
                  + " own; use read committed, or give the sharding key")
              .formatted(currentIsolation().sql()));
    }
    ScatterOptions options =
        ScatterOptions.DEFAULTS
            .withDeadline(call.options().deadline(engine.runner().timeouts().statement()))
            .withFetchSize(call.options().fetchSize);
    ScatterQuery query =
        new ScatterQuery(
                call.analysis(),
                call.arguments(),
                several.shards(),
                options,
                state(),
                within == null ? Optional.empty() : within.bound())
            .by(stay);
    ScatterExecution execution =
        engine.scatter().prepare(within == null ? query : query.within(within.began()));
    Running.Cancel cancel = execution::cancel;
    call.running().begin(cancel);
    try {
      ResultSet rows = execution.run(null);
      return Answered.ofRows(rows);
    } finally {
      call.running().end(cancel);
    }
  }

  private IsolationLevel currentIsolation() throws SQLException {
    return IsolationLevel.of(getTransactionIsolation());
  }

  /** What the session has set. */
  private SessionState state() {
    SessionState settings = view.settings().asState();
    return networkTimeoutMillis > 0 || !pooledTimeouts.isEmpty()
        ? new NetworkTimeout(settings, networkTimeoutMillis, pooledTimeouts)
        : settings;
  }

  private void checkMayWrite(Analysis analysis) throws SQLException {
    if (readOnly && analysis.kind() != Analysis.Kind.QUERY && transaction == null) {
      throw SqlFailures.notInState(
          "the connection is read-only: this statement would change something",
          SqlFailures.READ_ONLY);
    }
  }

  /** The answer of the shard of the transaction, or of whichever shard can give one. */
  <T> T onAnyShard(Ask<T> question) throws SQLException {
    checkOpen();
    Transaction within = transaction;
    try {
      if (within != null && within.bound().isPresent()) {
        return within.onBound((loan, limit) -> question.of(loan.driver()));
      }
      return engine.onAnyShard(() -> new AskWork<>(question, state()));
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }

  /** A result set without rows. */
  ResultSet noRows() throws SQLException {
    return onAnyShard(
        driver -> {
          PreparedStatement none = driver.prepareStatement("select where false");
          ResultSet rows = none.executeQuery();
          OutlivingRows.detach(none, rows);
          return rows;
        });
  }

  /** A question whose answer needs no connection any more. */
  private static final class AskWork<T> extends Work<T> {
    private final Ask<T> question;
    private final SessionState session;

    AskWork(Ask<T> question, SessionState session) {
      super(StatementKind.QUERY);
      this.question = question;
      this.session = session;
    }

    @Override
    public T attempt(EndpointPool pool) throws SQLException {
      Loan loan = Loan.take(pool, session);
      SQLException failure = null;
      try {
        phase = Phase.SENT;
        return question.of(loan.driver());
      } catch (SQLException e) {
        failure = e;
        throw e;
      } finally {
        loan.end(failure);
      }
    }

    @Override
    public Repeat repeat() {
      return Repeat.ALWAYS;
    }
  }

  // Transactions

  @Override
  public void setAutoCommit(boolean wanted) throws SQLException {
    checkOpen();
    if (wanted == autoCommit) {
      return;
    }
    autoCommit = wanted;
    end(Transaction::commit, wanted ? null : newTransaction());
  }

  @Override
  public boolean getAutoCommit() throws SQLException {
    checkOpen();
    return autoCommit;
  }

  @Override
  public void commit() throws SQLException {
    checkOpen();
    checkNotAutoCommit("commit");
    end(Transaction::commit, autoCommit ? null : newTransaction());
  }

  @Override
  public void rollback() throws SQLException {
    checkOpen();
    checkNotAutoCommit("rollback");
    end(Transaction::rollback, autoCommit ? null : newTransaction());
  }

  private void checkNotAutoCommit(String what) throws SQLException {
    if (autoCommit && transaction == null) {
      throw SqlFailures.notInState(
          "cannot " + what + " when autoCommit is enabled", SqlFailures.NO_TRANSACTION);
    }
  }

  /** A way to end a transaction. */
  @FunctionalInterface
  interface End {
    void of(Transaction ended) throws SQLException;
  }

  /**
   * Ends the transaction if there is one.
   *
   * @param next the transaction that takes its place; null for none
   */
  private void end(End how, @Nullable Transaction next) throws SQLException {
    Transaction ended = transaction;
    if (ended == null) {
      transaction = next;
      return;
    }
    boolean committed = false;
    try {
      how.of(ended);
      committed = !ended.wasRolledBack();
    } finally {
      view = committed ? view.withoutLocal() : ended.before();
      transaction = next == null ? null : newTransaction();
    }
  }

  private Transaction newTransaction() {
    return new Transaction(engine, this::state, view.withoutLocal(), readOnly, isolation);
  }

  @Nullable Transaction transaction() {
    return transaction;
  }

  /** {@code BEGIN} in autocommit mode. */
  void beginInSql() {
    transaction = newTransaction();
  }

  /** {@code COMMIT} and {@code ROLLBACK}; outside a transaction PostgreSQL warns only. */
  void endInSql(End how, boolean chain) throws SQLException {
    end(how, autoCommit && !chain ? null : newTransaction());
  }

  SessionView view() {
    return view;
  }

  void view(SessionView changed) {
    view = changed;
  }

  /** What the transactions to come are told at their begin. */
  void characteristics(SessionStatement.TransactionModes modes) {
    modes
        .isolation()
        .ifPresent(level -> isolation = Optional.of(IsolationLevel.valueOf(level.name())));
    modes.readOnly().ifPresent(only -> readOnly = only);
  }

  /** Everything as it was when the connection was opened. */
  void resetSession() {
    view = engine.initial();
    isolation = Optional.empty();
    readOnly = false;
  }

  @Override
  public void setTransactionIsolation(int level) throws SQLException {
    checkOpen();
    IsolationLevel wanted = IsolationLevel.of(level);
    checkOutsideTransaction("the transaction isolation level");
    isolation = Optional.of(wanted);
    renew();
  }

  @Override
  public int getTransactionIsolation() throws SQLException {
    checkOpen();
    Transaction within = transaction;
    Optional<IsolationLevel> known = within == null ? isolation : within.isolation();
    return known.isPresent()
        ? known.get().number()
        : onAnyShard(PgConnection::getTransactionIsolation);
  }

  @Override
  public void setReadOnly(boolean wanted) throws SQLException {
    checkOpen();
    checkOutsideTransaction("read-only");
    readOnly = wanted;
    renew();
  }

  @Override
  public boolean isReadOnly() throws SQLException {
    checkOpen();
    return readOnly;
  }

  private void checkOutsideTransaction(String what) throws SQLException {
    Transaction within = transaction;
    if (within != null && within.bound().isPresent()) {
      throw SqlFailures.notInState(
          "cannot change " + what + " in the middle of a transaction",
          SqlFailures.ACTIVE_TRANSACTION);
    }
  }

  /** A transaction that has not begun yet takes on what was just set. */
  private void renew() {
    if (transaction != null) {
      transaction = newTransaction();
    }
  }

  @Override
  public Savepoint setSavepoint() throws SQLException {
    return savepoint(null);
  }

  @Override
  public Savepoint setSavepoint(String name) throws SQLException {
    return savepoint(name);
  }

  private Savepoint savepoint(@Nullable String name) throws SQLException {
    Transaction within = transactionFor("a savepoint");
    if (within.isAborted()) {
      throw SqlFailures.aborted();
    }
    return within.setSavepoint(name, view);
  }

  @Override
  public void rollback(Savepoint savepoint) throws SQLException {
    view = transactionFor("rolling back to a savepoint").rollbackTo(savepoint);
  }

  @Override
  public void releaseSavepoint(Savepoint savepoint) throws SQLException {
    transactionFor("releasing a savepoint").release(savepoint);
  }

  private Transaction transactionFor(String what) throws SQLException {
    checkOpen();
    Transaction within = transaction;
    if (within == null) {
      throw SqlFailures.notInState(
          what + " needs a transaction: set autocommit to false", SqlFailures.NO_TRANSACTION);
    }
    return within;
  }

  // Statements

  @Override
  public Statement createStatement() throws SQLException {
    return createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, holdability);
  }

  @Override
  public Statement createStatement(int type, int concurrency) throws SQLException {
    return createStatement(type, concurrency, holdability);
  }

  @Override
  public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
    checkOpen();
    return new ShardStatement(this, options(type, concurrency, holdability));
  }

  @Override
  public PreparedStatement prepareStatement(String sql) throws SQLException {
    return prepare(sql, GeneratedKeys.NONE);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int keys) throws SQLException {
    return prepare(sql, GeneratedKeys.of(keys));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int[] keys) throws SQLException {
    return prepare(sql, GeneratedKeys.of(keys));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, String[] keys) throws SQLException {
    return prepare(sql, GeneratedKeys.of(keys));
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency)
      throws SQLException {
    return prepareStatement(sql, type, concurrency, holdability);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    return new ShardPreparedStatement(
        this, sql, analysed(sql), GeneratedKeys.NONE, options(type, concurrency, holdability));
  }

  private PreparedStatement prepare(String sql, GeneratedKeys keys) throws SQLException {
    return new ShardPreparedStatement(
        this,
        sql,
        analysed(sql),
        keys,
        options(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, holdability));
  }

  /** Rows that can be changed need their connection, so they are for transactions. */
  private StatementOptions options(int type, int concurrency, int holdability) {
    return new StatementOptions(
        type,
        transaction == null ? ResultSet.CONCUR_READ_ONLY : concurrency,
        holdability,
        settings.fetchSize());
  }

  @Override
  public CallableStatement prepareCall(String sql) throws SQLException {
    throw noCalls();
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
    throw noCalls();
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    throw noCalls();
  }

  private static SQLException noCalls() {
    return SqlFailures.notSupported(
        "callable statements: call a function with select, a procedure with call, on a connection"
            + " that is bound to a sharding key");
  }

  /** Escapes are translated when the statement is carried out. */
  @Override
  public String nativeSQL(String sql) throws SQLException {
    checkOpen();
    return sql;
  }

  // The session

  @Override
  public void setSchema(@Nullable String schema) throws SQLException {
    checkOpen();
    SessionSettings.Setting setting = SessionSettings.Setting.SEARCH_PATH;
    try {
      view = schema == null ? view.without(setting) : view.with(setting, List.of(schema));
    } catch (SqlRefused e) {
      throw SqlFailures.of(e);
    }
    Transaction within = transaction;
    if (within != null) {
      within.runIfBound(
          schema == null ? "reset search_path" : "set search_path to " + Quoting.name(schema));
    }
  }

  @Override
  public @Nullable String getSchema() throws SQLException {
    checkOpen();
    List<String> schemas = view.effectivePath().schemas();
    return schemas.isEmpty() ? null : schemas.get(0);
  }

  /** Ignored: shards are databases with names of their own. */
  @Override
  public void setCatalog(@Nullable String catalog) throws SQLException {
    checkOpen();
  }

  @Override
  public @Nullable String getCatalog() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public void setHoldability(int holdability) throws SQLException {
    checkOpen();
    this.holdability = holdability;
  }

  @Override
  public int getHoldability() throws SQLException {
    checkOpen();
    return holdability;
  }

  @Override
  public void setNetworkTimeout(@Nullable Executor executor, int millis) throws SQLException {
    checkOpen();
    networkTimeoutMillis = Counts.notNegative("network timeout", millis);
  }

  @Override
  public int getNetworkTimeout() throws SQLException {
    checkOpen();
    return networkTimeoutMillis;
  }

  /** Kept for {@link #getClientInfo}; the sessions on the shards keep the router's name. */
  @Override
  public void setClientInfo(String name, @Nullable String value) throws SQLClientInfoException {
    if (closed) {
      throw new SQLClientInfoException("this connection is closed", Map.of());
    }
    if (value == null) {
      clientInfo.remove(name);
    } else {
      clientInfo.setProperty(name, value);
    }
  }

  @Override
  public void setClientInfo(Properties properties) throws SQLClientInfoException {
    clientInfo.clear();
    for (String name : properties.stringPropertyNames()) {
      setClientInfo(name, properties.getProperty(name));
    }
  }

  @Override
  public @Nullable String getClientInfo(String name) throws SQLException {
    checkOpen();
    return clientInfo.getProperty(name);
  }

  @Override
  public Properties getClientInfo() throws SQLException {
    checkOpen();
    return (Properties) clientInfo.clone();
  }

  /** Warnings are those of statements. */
  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    checkOpen();
    return null;
  }

  @Override
  public void clearWarnings() throws SQLException {
    checkOpen();
  }

  @Override
  public DatabaseMetaData getMetaData() throws SQLException {
    checkOpen();
    return ClusterMetaData.of(this, url);
  }

  // Types

  @Override
  public Array createArrayOf(String typeName, Object @Nullable [] elements) throws SQLException {
    checkOpen();
    return new ListedArray(
        typeName, Objects.requireNonNull(elements, "the elements of the array are null"));
  }

  @Override
  public Struct createStruct(String typeName, Object[] attributes) throws SQLException {
    throw SqlFailures.notSupported("structs: set a composite value as text, with a cast");
  }

  @Override
  public Blob createBlob() throws SQLException {
    throw noLargeObjects();
  }

  @Override
  public Clob createClob() throws SQLException {
    throw noLargeObjects();
  }

  @Override
  public NClob createNClob() throws SQLException {
    throw noLargeObjects();
  }

  private static SQLException noLargeObjects() {
    return SqlFailures.notSupported(
        "large objects: they live on one shard; keep bytea (setBytes) and text (setString)");
  }

  @Override
  public SQLXML createSQLXML() throws SQLException {
    throw SqlFailures.notSupported("SQLXML: set XML as text, with a cast");
  }

  @Override
  public Map<String, Class<?>> getTypeMap() throws SQLException {
    checkOpen();
    return Map.of();
  }

  @Override
  public void setTypeMap(Map<String, Class<?>> types) throws SQLException {
    checkOpen();
    if (!types.isEmpty()) {
      throw SqlFailures.notSupported("type maps");
    }
  }

  // The end

  @Override
  public void close() throws SQLException {
    if (closed) {
      return;
    }
    closed = true;
    Transaction open = transaction;
    transaction = null;
    try {
      if (open != null) {
        open.rollback();
      }
    } finally {
      onClose.run();
    }
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  /** Says whether the router is there; a shard that is down concerns its own keys only. */
  @Override
  public boolean isValid(int seconds) throws SQLException {
    Counts.notNegative("timeout", seconds);
    return !closed && !engine.runner().isClosed();
  }

  @Override
  public void abort(Executor executor) throws SQLException {
    if (closed) {
      return;
    }
    closed = true;
    Transaction open = transaction;
    executor.execute(
        () -> {
          if (open != null) {
            open.abort();
          }
          onClose.run();
        });
  }

  void checkOpen() throws SQLException {
    if (closed) {
      throw SqlFailures.closed("connection");
    }
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw SqlFailures.notSupported(
        "a connection to all shards wraps no %s: a connection that is bound to a sharding key does"
            .formatted(type.getName()));
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}

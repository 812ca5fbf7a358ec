package dev.shardwright.router.jdbc;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.route.Admitted;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Fault;
import dev.shardwright.router.internal.run.GuardDetail;
import dev.shardwright.router.internal.run.RegisterAdvance;
import dev.shardwright.router.internal.sql.SessionStatement.TransactionModes;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.RangeMove;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * A transaction of a connection: on no shard at first, then bound to the shard of its first keyed
 * statement, until it ends. What comes before that statement and concerns the transaction itself
 * (SET LOCAL, savepoints) is noted, and done when it is bound. Used by one thread, but for {@link
 * #abort}.
 */
final class Transaction {
  private static final String BEGAN = "select transaction_timestamp()";

  private final Engine engine;
  private final Supplier<SessionState> session;

  private final SessionView before;
  private boolean readOnly;
  private Optional<IsolationLevel> isolation;

  /** The default, once it was asked for where the transaction is now; null before. */
  private @Nullable IsolationLevel defaultIsolation;

  private @Nullable Loan loan;
  private @Nullable Routing boundUnder;

  /** The connection taken last, also while it is not bound yet, or is just committing. */
  private volatile @Nullable Loan taken;

  private volatile boolean aborted;

  /** Null as long as nothing is noted, which mostly nothing is. */
  private @Nullable Savepoints savepoints;

  /** What the session needed when the first was noted; what it has set since is noted too. */
  private SessionState beforeNoted = SessionState.NONE;

  private @Nullable OffsetDateTime beganUnbound;
  private @Nullable OffsetDateTime beganOnShard;
  private final Admitted admitted = new Admitted();

  /**
   * What failed that is not PostgreSQL's own, so that nothing goes until it is rolled back; null if
   * nothing did.
   */
  private @Nullable Exception failure;

  private boolean rolledBack;

  /** The move that has come further than the shard knows: it is told once a connection is free. */
  private Optional<RangeMove> untold = Optional.empty();

  /** Carries something out on the shard of the transaction. */
  @FunctionalInterface
  interface OnShard<T> {
    T on(Loan loan, int limitSeconds) throws SQLException;

    /** How long it may take where it binds the transaction, what it waits for included. */
    default Duration deadline(Duration usual) {
      return usual;
    }

    /** Whether nobody wants it any more, where it waits to bind the transaction. */
    default boolean isUnwanted() {
      return false;
    }

    /** What the caller asked for, as long as its options let it, and until it is cancelled. */
    static <T> OnShard<T> asked(StatementOptions options, Running running, OnShard<T> what) {
      return new OnShard<>() {
        @Override
        public T on(Loan loan, int limitSeconds) throws SQLException {
          return what.on(loan, limitSeconds);
        }

        @Override
        public Duration deadline(Duration usual) {
          return options.deadline(usual);
        }

        @Override
        public boolean isUnwanted() {
          return running.isCancelled();
        }
      };
    }
  }

  /**
   * @param session what each connection of the session needs now
   * @param before what the session had set before
   * @param isolation empty for the default
   */
  Transaction(
      Engine engine,
      Supplier<SessionState> session,
      SessionView before,
      boolean readOnly,
      Optional<IsolationLevel> isolation) {
    this.engine = engine;
    this.session = session;
    this.before = before;
    this.readOnly = readOnly;
    this.isolation = isolation;
  }

  /** What the session had set before it began, and has set again after a rollback. */
  SessionView before() {
    return before;
  }

  /** Its own isolation level; empty for the default. */
  Optional<IsolationLevel> isolation() {
    return isolation;
  }

  /** The isolation level that it has, asked for once where it is the default. */
  IsolationLevel isolation(AnyShard shards) throws SQLException {
    if (isolation.isPresent()) {
      return isolation.get();
    }
    IsolationLevel known = defaultIsolation;
    if (known == null) {
      known = IsolationLevel.of(shards.isolation());
      defaultIsolation = known;
    }
    return known;
  }

  /** Whether PostgreSQL would answer every statement with 25P02. */
  boolean isAborted() {
    Loan bound = loan;
    return failure != null
        || (bound != null && bound.driver().getTransactionState() == TransactionState.FAILED);
  }

  /** From here on nothing goes until it is rolled back. */
  void fail(Exception first) {
    failure = failure == null ? first : failure;
  }

  boolean isBound() {
    return loan != null;
  }

  /** The shard that it is bound to; empty if it is bound to none yet. */
  Optional<BoundShard> bound() {
    Loan bound = loan;
    return bound == null
        ? Optional.empty()
        : Optional.of(new BoundShard(bound.pool().shard(), bound.driver()));
  }

  /**
   * What {@code now()} means in it: when its shard began it. As long as it has none, when it was
   * first asked.
   */
  OffsetDateTime began() throws SQLException {
    Loan bound = loan;
    OffsetDateTime known = bound == null ? beganUnbound : beganOnShard;
    if (known != null) {
      return known;
    }
    if (bound == null) {
      beganUnbound = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
      return beganUnbound;
    }
    OffsetDateTime asked = bound.use(Transaction::askBegan);
    beganOnShard = asked;
    return asked;
  }

  private static OffsetDateTime askBegan(PgConnection driver) throws SQLException {
    try (Statement statement = driver.createStatement();
        ResultSet row = statement.executeQuery(BEGAN)) {
      row.next();
      return row.getObject(1, OffsetDateTime.class);
    }
  }

  /** Whether it is on no shard, and nothing has been noted that later statements depend on. */
  boolean isPlain() {
    Savepoints those = savepoints;
    return loan == null && (those == null || those.isNothingNoted());
  }

  /** What {@code SET TRANSACTION} says. */
  void set(TransactionModes modes) throws SQLException {
    if (modes.isolation().isPresent()) {
      isolation(IsolationLevel.valueOf(modes.isolation().get().name()));
    }
    if (modes.readOnly().isPresent()) {
      readOnly(modes.readOnly().get());
    }
    if (modes.deferrable().isPresent()) {
      run("set transaction " + (modes.deferrable().get() ? "deferrable" : "not deferrable"));
    }
  }

  void isolation(IsolationLevel wanted) throws SQLException {
    Loan bound = loan;
    if (bound != null) {
      execute(bound, wanted.set());
    }
    isolation = Optional.of(wanted);
  }

  void readOnly(boolean wanted) throws SQLException {
    Loan bound = loan;
    if (bound != null) {
      execute(bound, "set transaction read " + (wanted ? "only" : "write"));
    }
    readOnly = wanted;
  }

  /** Does what concerns the transaction itself, now or when it will be bound. */
  void run(String sql) throws SQLException {
    Loan bound = loan;
    if (bound == null) {
      noting().note(sql);
    } else {
      execute(bound, sql);
    }
  }

  /**
   * The session has set something, which holds from here on: does it now, or in its place among
   * what is noted. Where nothing is noted, what the session needs when it is bound says the same.
   */
  void runForSession(String sql) throws SQLException {
    sessionChanged();
    if (!isPlain()) {
      run(sql);
    }
  }

  /** What the session needs now is another, and what was set on the shard is to be reset. */
  void sessionChanged() throws SQLException {
    Loan bound = loan;
    if (bound != null) {
      bound.session(session.get());
    }
  }

  /**
   * Does something on the shard of the target, and binds the transaction to it if it is bound to
   * none.
   *
   * @throws SQLException also if it is bound to another
   */
  <T> T on(Target target, StatementKind kind, OnShard<T> what) throws SQLException {
    Loan bound = loan;
    if (bound == null) {
      return bind(target, kind, what);
    }
    checkNotHeld(target);
    checkSameShard(bound, target);
    return onBound(what);
  }

  /** Does something on the shard that the transaction is bound to already. */
  <T> T onBound(OnShard<T> what) throws SQLException {
    Loan bound = bound(loan);
    try {
      return bound.use(driver -> what.on(bound, 0));
    } catch (SQLException e) {
      if (Fault.of(e) == Fault.LOST || bound.driver().isClosed()) {
        loan = null;
        fail(e);
        bound.end(e);
        admitted.end();
      }
      if (Fault.of(e) == Fault.MOVED) {
        ShardId shard = bound.pool().shard();
        untold =
            RegisterAdvance.missing(engine.routing(), shard, GuardDetail.of(e)).or(() -> untold);
      }
      throw SqlFailures.inTransaction(e, "shard " + bound.pool().shard());
    }
  }

  private <T> T bind(Target target, StatementKind kind, OnShard<T> what) {
    FirstWork<T> work = new FirstWork<>(kind, this::begin, what);
    try {
      return engine.runner().run(target, work);
    } finally {
      loan = work.kept();
      defaultIsolation = null; // that of this shard may be another
      Stay stay = work.stay();
      if (stay != null) {
        boundUnder = stay.routing();
        admitted.add(stay);
        forgetNoted();
      }
    }
  }

  private Loan begin(EndpointPool pool, Epoch epoch, LongSupplier patience) throws SQLException {
    Loan begun = take(pool, epoch, patience);
    try {
      begun.run(driver -> makeReady(begun, driver));
      return begun;
    } catch (SQLException e) {
      begun.end(e);
      throw e;
    }
  }

  private void makeReady(Loan begun, PgConnection driver) throws SQLException {
    begun.pooled().setAutoCommit(false);
    if (readOnly) {
      begun.pooled().setReadOnly(true);
    }
    if (isolation.isPresent()) {
      execute(begun, isolation.get().set());
    }
    Savepoints those = savepoints;
    if (those != null) {
      begun.session(session.get());
      those.doNoted(driver);
    }
  }

  /** Nobody would end what is taken after an abort. */
  private Loan take(EndpointPool pool, Epoch epoch, LongSupplier patience) throws SQLException {
    SessionState first = isPlain() ? session.get() : beforeNoted;
    Loan fresh = Loan.take(pool, epoch, () -> aborted ? 0 : patience.getAsLong(), first);
    taken = fresh;
    if (aborted) {
      fresh.abort();
      throw new StatementFailed("the connection was aborted", SqlFailures.closed("connection"));
    }
    return fresh;
  }

  private void checkNotHeld(Target target) throws SQLException {
    if (!engine.runner().admissions().extend(admitted, target)) {
      throw failed(
          new SQLTransactionRollbackException(
              "the rows are just about to move to another shard: do the transaction again",
              SqlFailures.AGAIN));
    }
  }

  private void checkSameShard(Loan on, Target target) throws SQLException {
    ShardId bound = on.pool().shard();
    Routing now = engine.routing();
    ShardId wanted = target.in(now).shard();
    Routing under = boundUnder;
    Optional<ShardId> before =
        under == null || under == now ? Optional.of(wanted) : shardUnder(under, target);
    boolean arrived = wanted.equals(bound) && !before.equals(Optional.of(bound));
    if (arrived ? keepsSnapshot(on) : before.equals(Optional.of(bound)) && !wanted.equals(bound)) {
      throw failed(
          new SQLTransactionRollbackException(
              "the rows have moved to shard %s since the transaction began on shard %s: do it again"
                  .formatted(wanted, bound),
              SqlFailures.AGAIN));
    }
    if (!wanted.equals(bound)) {
      throw failed(
          SqlFailures.secondShard(
              ("the transaction is on shard %s, where its first statement with a sharding key went,"
                      + " and this statement is about rows on shard %s: end the transaction first,"
                      + " or keep rows that change together under one sharding key")
                  .formatted(bound, wanted)));
    }
  }

  /** Empty where they were on no shard, or not all on one. */
  private static Optional<ShardId> shardUnder(Routing routing, Target target) {
    try {
      return Optional.of(target.in(routing).shard());
    } catch (ShardException e) {
      return Optional.empty();
    }
  }

  /**
   * A snapshot that is older than the arrival of rows does not have them, and no gate refuses a
   * write that finds none.
   */
  private boolean keepsSnapshot(Loan on) throws SQLException {
    IsolationLevel own =
        isolation.isPresent()
            ? isolation.get()
            : IsolationLevel.of(on.use(PgConnection::getTransactionIsolation));
    return own.keepsSnapshot();
  }

  private SQLException failed(SQLException first) {
    fail(first);
    return first;
  }

  private void forgetNoted() {
    Savepoints those = savepoints;
    if (those != null) {
      those.forgetNoted();
    }
  }

  private Savepoints savepoints() {
    Savepoints those = savepoints == null ? new Savepoints() : savepoints;
    savepoints = those;
    return those;
  }

  /** The same, to note something there. */
  private Savepoints noting() {
    Savepoints those = savepoints();
    if (those.isNothingNoted()) {
      beforeNoted = session.get();
    }
    return those;
  }

  /**
   * @param view what the session has set now
   */
  Savepoint setSavepoint(@Nullable String name, SessionView view) throws SQLException {
    return withDriver(driver -> noting().set(name, view, driver));
  }

  /** The newest savepoint of that name. */
  Mark mark(String name) throws SQLException {
    return savepoints().named(name);
  }

  /** Takes back what happened since, and says what the session had set then. */
  SessionView rollbackTo(Savepoint savepoint) throws SQLException {
    SessionView then = withDriver(driver -> savepoints().rollbackTo(savepoint, driver));
    failure = null;
    return then;
  }

  void release(Savepoint savepoint) throws SQLException {
    Loan bound = loan;
    if (bound == null) {
      savepoints().release(savepoint, null);
    } else {
      bound.run(driver -> savepoints().release(savepoint, driver));
    }
  }

  /** Does something where the transaction is, if it is anywhere. */
  private interface WithDriver<T> {
    T on(@Nullable PgConnection driver) throws SQLException;
  }

  private <T> T withDriver(WithDriver<T> what) throws SQLException {
    Loan bound = loan;
    return bound == null ? what.on(null) : bound.use(what::on);
  }

  /** Whether it ended without effect. */
  boolean wasRolledBack() {
    return rolledBack;
  }

  /** One of the same kind, to begin when this one has ended. */
  Transaction chained(SessionView view) {
    return new Transaction(engine, session, view, readOnly, isolation);
  }

  /** Ends it. What had failed in it is rolled back, and said. */
  void commit() throws SQLException {
    Loan bound = loan;
    loan = null;
    if (bound != null && bound.driver().isClosed()) {
      fail(SqlFailures.closed("connection to shard " + bound.pool().shard())); // as rows were read
    }
    Exception first = failure;
    if (first != null) {
      rollback(bound);
      throw new SQLTransactionRollbackException(
          "the transaction had failed and was rolled back, so it cannot be committed: "
              + first.getMessage(),
          SqlFailures.ABORTED,
          first);
    }
    if (bound == null) {
      return;
    }
    SQLException end = null;
    try {
      bound.run(PgConnection::commit);
    } catch (SQLException e) {
      end = e;
      throw Fault.of(e) == Fault.LOST
          ? SqlFailures.commitUnknown("shard " + bound.pool().shard(), e)
          : e;
    } finally {
      bound.end(end);
      admitted.end();
      tellOwner();
    }
  }

  void rollback() throws SQLException {
    rolledBack = true;
    Loan bound = loan;
    loan = null;
    rollback(bound);
  }

  private void rollback(@Nullable Loan bound) throws SQLException {
    if (bound == null) {
      return;
    }
    SQLException end = null;
    try {
      bound.run(PgConnection::rollback);
    } catch (SQLException e) {
      end = e;
      // A lost session has been rolled back by the server.
      if (Fault.of(e) != Fault.LOST) {
        throw e;
      }
    } finally {
      bound.end(end);
      admitted.end();
      tellOwner();
    }
  }

  private void tellOwner() {
    untold.ifPresent(move -> RegisterAdvance.run(engine.runner(), move));
  }

  /** Ends it from another thread: what runs is cut off, and nothing begins any more. */
  void abort() {
    aborted = true;
    Loan open = taken;
    if (open != null) {
      open.abort();
    }
    admitted.end();
  }

  private static Loan bound(@Nullable Loan loan) {
    if (loan == null) {
      throw new IllegalStateException("the transaction is on no shard");
    }
    return loan;
  }

  private static void execute(Loan on, String sql) throws SQLException {
    on.run(
        driver -> {
          try (Statement statement = driver.createStatement()) {
            statement.execute(sql);
          }
        });
  }
}

package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.route.Admitted;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Fault;
import dev.shardwright.router.internal.sql.SessionStatement.TransactionModes;
import dev.shardwright.topology.Epoch;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Savepoint;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * A transaction of a connection: on no shard at first, then bound to the shard of its first keyed
 * statement, until it ends. What comes before that statement and concerns the transaction itself
 * (SET LOCAL, savepoints) is noted, and done when it is bound. Used by one thread, but for {@link
 * #abort}.
 */
public final class Transaction {
  private final Engine engine;
  private final Supplier<SessionState> session;

  private final SessionView before;

  /** As it begins; of read-only, what is said after something was noted is noted as well. */
  private Characteristics told;

  /** What was said last, and holds; empty for the default. */
  private Optional<Boolean> readOnlyNow;

  /** The default, once it was asked for where the transaction is now; null before. */
  private @Nullable IsolationLevel defaultIsolation;

  /** Null as long as it is on no shard. */
  private @Nullable Binding binding;

  /** The connection taken last, also while it is not bound yet, or is just committing. */
  private volatile @Nullable Loan taken;

  private volatile boolean aborted;

  /** Null as long as nothing is noted, which mostly nothing is. */
  private @Nullable Savepoints savepoints;

  /** What the session needed when the first was noted; what it has set since is noted too. */
  private SessionState beforeNoted = SessionState.NONE;

  private @Nullable OffsetDateTime beganUnbound;
  private final Admitted admitted = new Admitted();

  /** What failed, so that nothing goes until that is rolled back; null if nothing did. */
  private @Nullable Exception failure;

  private boolean rolledBack;

  /**
   * @param session what each connection of the session needs now
   * @param before what the session had set before
   * @param told as it begins
   */
  Transaction(
      Engine engine, Supplier<SessionState> session, SessionView before, Characteristics told) {
    this.engine = engine;
    this.session = session;
    this.before = before;
    this.told = told;
    this.readOnlyNow = told.readOnly();
  }

  /** What the session had set before it began, and has set again after a rollback. */
  SessionView before() {
    return before;
  }

  /** Its own isolation level; empty for the default. */
  public Optional<IsolationLevel> isolation() {
    return told.isolation();
  }

  /** The isolation level that it has, asked for once where it is the default. */
  public IsolationLevel isolation(AnyShard shards) throws SQLException {
    Optional<IsolationLevel> own = told.isolation();
    if (own.isPresent()) {
      return own.get();
    }
    IsolationLevel known = defaultIsolation;
    if (known == null) {
      known = IsolationLevel.of(shards.isolation());
      defaultIsolation = known;
    }
    return known;
  }

  /** Whether PostgreSQL would answer every statement with 25P02. */
  public boolean isAborted() {
    Binding bound = binding;
    return failure != null || (bound != null && bound.isAborted());
  }

  /** From here on nothing goes until it is rolled back. */
  public void fail(Exception first) {
    failure = failure == null ? first : failure;
  }

  public boolean isBound() {
    return binding != null;
  }

  /** The shard that it is bound to; empty if it is bound to none yet. */
  public Optional<BoundShard> bound() {
    return Optional.ofNullable(binding).map(Binding::shard);
  }

  /**
   * What {@code now()} means in it: when its shard began it. As long as it has none, when it was
   * first asked.
   */
  public OffsetDateTime began() throws SQLException {
    Binding bound = binding;
    if (bound != null) {
      return bound.began();
    }
    OffsetDateTime known = beganUnbound;
    if (known == null) {
      known = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
      beganUnbound = known;
    }
    return known;
  }

  /** Whether it is on no shard, and nothing has been noted that later statements depend on. */
  public boolean isPlain() {
    Savepoints those = savepoints;
    return binding == null && (those == null || those.isNothingNoted());
  }

  /** Whether it was said to be read-only, or not to be, which a statement by itself is not told. */
  public boolean isToldReadOnly() {
    return readOnlyNow.isPresent();
  }

  /** What {@code SET TRANSACTION} says. */
  public void set(TransactionModes modes) throws SQLException {
    Optional<IsolationLevel> level = Characteristics.level(modes);
    if (level.isPresent()) {
      isolation(level.get());
    }
    if (modes.readOnly().isPresent()) {
      setReadOnly(modes.readOnly().get());
    }
    if (modes.deferrable().isPresent()) {
      deferrable(modes.deferrable().get());
    }
  }

  private void deferrable(boolean wanted) throws SQLException {
    Binding bound = binding;
    if (bound != null) {
      bound.execute(Characteristics.setDeferrable(wanted));
    }
    told = told.withDeferrable(wanted);
  }

  void isolation(IsolationLevel wanted) throws SQLException {
    Binding bound = binding;
    if (bound != null) {
      bound.execute(wanted.set());
    }
    told = told.withIsolation(wanted);
  }

  /**
   * What it is told as it begins, which it has not on any shard.
   *
   * @param wanted empty for the default
   */
  void readOnly(Optional<Boolean> wanted) {
    told = told.withReadOnly(wanted);
    readOnlyNow = wanted;
  }

  /** From here on, so that going back to a savepoint takes it back. */
  private void setReadOnly(boolean wanted) throws SQLException {
    if (isPlain()) {
      told = told.withReadOnly(Optional.of(wanted));
    } else {
      run(Characteristics.setReadOnly(wanted));
    }
    readOnlyNow = Optional.of(wanted);
  }

  /** Does what concerns the transaction itself, now or when it will be bound. */
  public void run(String sql) throws SQLException {
    Binding bound = binding;
    if (bound == null) {
      noting().note(sql);
    } else {
      bound.execute(sql);
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
  public void sessionChanged() throws SQLException {
    Binding bound = binding;
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
  public <T> T on(Target target, StatementKind kind, OnShard<T> what) throws SQLException {
    Binding bound = binding;
    if (bound == null) {
      return bind(target, kind, what);
    }
    try {
      bound.check(target, told.isolation());
    } catch (SQLException e) {
      fail(e);
      throw e;
    }
    return onBound(what);
  }

  /** Does something on the shard that the transaction is bound to already. */
  public <T> T onBound(OnShard<T> what) throws SQLException {
    Binding bound = binding;
    if (bound == null) {
      throw new IllegalStateException("the transaction is on no shard");
    }
    try {
      return bound.on(what);
    } catch (SQLException e) {
      fail(e);
      if (Fault.of(e) == Fault.LOST || bound.isClosed()) {
        binding = null;
        bound.end(e);
      }
      throw SqlFailures.inTransaction(e, bound.name());
    }
  }

  private <T> T bind(Target target, StatementKind kind, OnShard<T> what) {
    FirstWork<T> work = new FirstWork<>(kind, this::begin, what);
    try {
      return engine.runner().run(target, work);
    } finally {
      defaultIsolation = null; // that of this shard may be another
      Loan kept = work.kept();
      Stay stay = work.stay();
      if (kept != null && stay != null) {
        admitted.add(stay);
        binding = new Binding(engine, kept, stay.routing(), admitted);
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
    told.tell(begun);
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
   * Sets a savepoint, also where the transaction is on no shard yet.
   *
   * @param view what the session has set now
   */
  public Savepoint setSavepoint(@Nullable String name, SessionView view) throws SQLException {
    Optional<Boolean> only = readOnlyNow;
    return withDriver(driver -> noting().set(name, view, only, driver));
  }

  /** The newest savepoint of that name. */
  public Mark mark(String name) throws SQLException {
    return savepoints().named(name);
  }

  /** Takes back what happened since, and says what the session had set then. */
  SessionView rollbackTo(Savepoint savepoint) throws SQLException {
    Mark mark = withDriver(driver -> savepoints().rollbackTo(savepoint, driver));
    failure = null;
    readOnlyNow = mark.readOnly();
    return mark.view();
  }

  public void release(Savepoint savepoint) throws SQLException {
    boolean unused =
        withDriver(
            driver -> {
              savepoints().release(savepoint, driver);
              return true;
            });
  }

  /** Does something where the transaction is, if it is anywhere. */
  private interface WithDriver<T> {
    T on(@Nullable PgConnection driver) throws SQLException;
  }

  private <T> T withDriver(WithDriver<T> what) throws SQLException {
    Binding bound = binding;
    return bound == null ? what.on(null) : bound.use(what::on);
  }

  /** Whether it ended without effect. */
  boolean wasRolledBack() {
    return rolledBack;
  }

  /** One of the same kind, to begin when this one has ended. */
  Transaction chained(SessionView view) {
    return new Transaction(engine, session, view, told.withReadOnly(readOnlyNow));
  }

  /** Ends it. What had failed in it is rolled back, and said. */
  public void commit() throws SQLException {
    Binding bound = binding;
    binding = null;
    if (bound != null && bound.isClosed()) {
      fail(SqlFailures.closed("connection to " + bound.name())); // as rows were read
    } else if (bound != null && bound.isAborted()) {
      fail(SqlFailures.aborted()); // likewise
    }
    Exception first = failure;
    if (first != null) {
      if (bound != null) {
        bound.rollback();
      }
      throw new SQLTransactionRollbackException(
          "the transaction had failed and was rolled back, so it cannot be committed: "
              + first.getMessage(),
          SqlFailures.ABORTED,
          first);
    }
    if (bound != null) {
      bound.commit();
    }
  }

  public void rollback() throws SQLException {
    rolledBack = true;
    Binding bound = binding;
    binding = null;
    if (bound != null) {
      bound.rollback();
    }
  }

  /** Ends it from another thread: what runs is cut off, and nothing begins any more. */
  public void abort() {
    aborted = true;
    Loan open = taken;
    if (open != null) {
      open.abort();
    }
    admitted.end();
  }
}

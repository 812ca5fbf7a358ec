package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.setting.LocalPath;
import dev.shardwright.router.internal.jdbc.setting.NetworkTimeout;
import dev.shardwright.router.internal.jdbc.setting.SessionSettings;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.SessionStatement.TransactionModes;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a session over all shards has set, and the transaction that it is in. What it has set is
 * kept here, and sent to a shard along with the connection that is borrowed there. Used by one
 * thread at a time, but for its end.
 */
public final class Session {
  private final Engine engine;
  private final OpenAnswers answers;
  private SessionView view;
  private boolean autoCommit = true;
  private Characteristics characteristics = Characteristics.DEFAULTS;
  private int networkTimeoutMillis;

  /** Those from before the transaction spoke of those to come; null if it did not. */
  private @Nullable Characteristics untold;

  /** The transaction that the next statement belongs to; null in autocommit mode. */
  private volatile @Nullable Transaction transaction;

  private final InUse use = new InUse();

  /** A way to end a transaction. */
  @FunctionalInterface
  public interface End {
    void of(Transaction ended) throws SQLException;
  }

  /**
   * @param answers what is read of them
   */
  public Session(Engine engine, OpenAnswers answers) {
    this.engine = engine;
    this.answers = answers;
    this.view = engine.initial();
  }

  // What is set

  public SessionView view() {
    return view;
  }

  public void view(SessionView changed) {
    view = changed;
  }

  /**
   * The same, also on the shard where the transaction is.
   *
   * @param sql what sets it there
   */
  public void view(SessionView changed, String sql) throws SQLException {
    view = changed;
    Transaction within = transaction;
    if (within != null) {
      within.runForSession(sql);
    }
  }

  /** A statement of the transaction sets something for that, by calling a function. */
  public void setsLocally(Analysis analysis) {
    if (!analysis.setsLocally().isEmpty()) {
      view = view.withOnlyThere(analysis.setsLocally());
    }
  }

  public int networkTimeoutMillis() {
    return networkTimeoutMillis;
  }

  public void networkTimeoutMillis(int millis) throws SQLException {
    networkTimeoutMillis = millis;
    Transaction within = transaction;
    if (within != null) {
      within.sessionChanged();
    }
  }

  /** What each connection of the session needs now. */
  public SessionState state() {
    SessionState known = state(view.settings());
    return view.hasLocalPath() ? new LocalPath(known) : known;
  }

  /** What each connection needs that is to see the same beside that of the transaction. */
  public SessionState stateBeside() {
    return state(view.settingsBeside());
  }

  /** What a connection needs that tells what the transaction, on no shard yet, is to find. */
  SessionState stateToAsk() {
    boolean canBeTold = view.onlyThere().isEmpty() && !view.settings().shared();
    return state(canBeTold ? view.settingsBeside() : view.settings());
  }

  private SessionState state(SessionSettings settings) {
    return networkTimeoutMillis > 0 ? new NetworkTimeout(settings, networkTimeoutMillis) : settings;
  }

  /** Everything as it was when the session began. */
  public void reset() {
    view = engine.initial();
    characteristics = Characteristics.DEFAULTS;
  }

  // What transactions are told at their begin

  /** The level of the transaction, or of the next one; empty for the default. */
  Optional<IsolationLevel> isolation() {
    Transaction within = transaction;
    return within == null ? characteristics.isolation() : within.isolation();
  }

  /** The level, where a statement by itself needs to be told: it sees one snapshot anyway. */
  public Optional<IsolationLevel> isolationInAutocommit() {
    return characteristics.isolation().filter(IsolationLevel::keepsSnapshot);
  }

  public void isolation(IsolationLevel wanted) throws SQLException {
    checkOutsideTransaction("the transaction isolation level");
    characteristics = characteristics.withIsolation(wanted);
    untold = null;
    Transaction within = transaction;
    if (within != null) {
      within.isolation(wanted);
    }
  }

  public boolean readOnly() {
    return characteristics.readOnly().orElse(false);
  }

  /** Without read-only there is what the role has: pools say so of each connection. */
  public void readOnly(boolean wanted) throws SQLException {
    checkOutsideTransaction("read-only");
    Optional<Boolean> only =
        wanted ? Optional.of(true) : characteristics.readOnly().filter(before -> !before);
    characteristics = characteristics.withReadOnly(only);
    untold = null;
    Transaction within = transaction;
    if (within != null) {
      within.readOnly(only);
    }
  }

  /** What the transactions to come are told, unless the one that it is said in is rolled back. */
  public void characteristics(TransactionModes modes) {
    if (transaction != null && untold == null) {
      untold = characteristics;
    }
    characteristics = characteristics.with(modes);
  }

  /** In autocommit mode there is no transaction of PostgreSQL's that would refuse it. */
  public void checkMayWrite(Analysis analysis) throws SQLException {
    if (readOnly() && analysis.writes() && transaction == null) {
      throw SqlFailures.notInState(
          "the connection is read-only: this statement would change something",
          SqlFailures.READ_ONLY);
    }
  }

  /** A transaction that has not begun on a shard yet takes on what is set. */
  private void checkOutsideTransaction(String what) throws SQLException {
    Transaction within = transaction;
    if (within != null && (within.isBound() || within.isAborted())) {
      throw SqlFailures.notInState(
          "cannot change " + what + " in the middle of a transaction",
          SqlFailures.ACTIVE_TRANSACTION);
    }
  }

  // The transaction

  public @Nullable Transaction transaction() {
    return transaction;
  }

  public boolean autoCommit() {
    return autoCommit;
  }

  public void autoCommit(boolean wanted) throws SQLException {
    if (wanted != autoCommit) {
      end(Transaction::commit, /* chain= */ false);
      autoCommit = wanted;
      transaction = wanted ? null : newTransaction();
    }
  }

  /** {@code BEGIN} in autocommit mode. */
  public void begin() {
    transaction = newTransaction();
  }

  /**
   * Ends the transaction if there is one; outside of autocommit mode the next takes its place.
   *
   * @param chain whether the next is of the same kind, and begins in autocommit mode too; there is
   *     none, as in PostgreSQL, if the end itself fails
   */
  public void end(End how, boolean chain) throws SQLException {
    Transaction ended = transaction;
    if (ended == null) {
      transaction = autoCommit ? null : newTransaction();
      return;
    }
    boolean committed = false;
    boolean chained = chain && ended.isAborted();
    answers.leaveTransaction();
    try {
      how.of(ended);
      committed = !ended.wasRolledBack();
      chained = chain;
    } finally {
      view = committed ? view.withoutLocal() : ended.before();
      if (untold != null && !committed) {
        characteristics = untold;
      }
      untold = null;
      transaction =
          chained ? ended.chained(view.withoutLocal()) : autoCommit ? null : newTransaction();
    }
  }

  /**
   * The transaction that the session is in.
   *
   * @param what needs it
   */
  public Transaction transactionFor(String what) throws SQLException {
    checkOpen();
    Transaction within = transaction;
    if (within == null) {
      throw SqlFailures.notInState(
          what + " needs a transaction: set autocommit to false", SqlFailures.NO_TRANSACTION);
    }
    return within;
  }

  /** Takes back what happened since, also in what the session has set. */
  public void rollbackTo(Savepoint savepoint) throws SQLException {
    Transaction within = transactionFor("rolling back to a savepoint");
    SearchPath before = view.effectivePath();
    view = within.rollbackTo(savepoint);
    within.sessionChanged();
    if (within.isBound() && !view.effectivePath().equals(before)) {
      within.run(SessionSettings.tellPath(view.effectivePath()));
    }
  }

  /** After a failure that PostgreSQL does not know of, the transaction is aborted all the same. */
  public SQLException failure(RuntimeException e) {
    fail(e);
    return SqlFailures.of(e);
  }

  /** The same after one that is in the terms of JDBC already. */
  public SQLException failure(SQLException e) {
    fail(e);
    return e;
  }

  private void fail(Exception e) {
    Transaction within = transaction;
    if (within != null) {
      within.fail(e);
    }
  }

  private Transaction newTransaction() {
    return new Transaction(engine, this::state, view.withoutLocal(), characteristics);
  }

  // The end

  /** Whatever is done with the session is done within a use of it. */
  public InUse use() {
    return use;
  }

  public boolean isClosed() {
    return use.isOver();
  }

  public void checkOpen() throws SQLException {
    use.check();
  }

  /**
   * Ends it; its statements are closed and its transaction is rolled back.
   *
   * @return false if another thread is in the middle of something: then it is to be abandoned
   */
  public boolean close() throws SQLException {
    if (!use.finish()) {
      return false;
    }
    Transaction open = transaction;
    transaction = null;
    try {
      answers.close();
    } finally {
      if (open != null) {
        open.rollback();
      }
    }
    return true;
  }

  /** Ends it, from any thread, but for its transaction. */
  public Optional<Transaction> abandon() {
    use.finish();
    return Optional.ofNullable(transaction);
  }
}

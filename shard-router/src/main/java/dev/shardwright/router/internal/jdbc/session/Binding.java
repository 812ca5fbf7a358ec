package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.ShardException;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.loan.AbortedTransaction;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.route.Admitted;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Fault;
import dev.shardwright.router.internal.run.GuardDetail;
import dev.shardwright.router.internal.run.RegisterAdvance;
import dev.shardwright.topology.RangeMove;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * The shard that a transaction is on, from its first keyed statement to its end: the connection
 * that it has there, and what else it keeps until then. Used by one thread.
 */
final class Binding {
  private static final String BEGAN = "select transaction_timestamp()";

  private final Engine engine;
  private final Loan loan;
  private final Routing under;
  private final Admitted admitted;

  /** Null until it was asked for. */
  private @Nullable OffsetDateTime began;

  /** The move that has come further than the shard knows: it is told once a connection is free. */
  private Optional<RangeMove> untold = Optional.empty();

  /**
   * @param loan ends with it
   * @param under what its first statement was routed by
   * @param admitted ends with it
   */
  Binding(Engine engine, Loan loan, Routing under, Admitted admitted) {
    this.engine = engine;
    this.loan = loan;
    this.under = under;
    this.admitted = admitted;
  }

  /** The shard, for what else runs as a part of the transaction. */
  BoundShard shard() {
    return new BoundShard(id(), loan.driver());
  }

  private ShardId id() {
    return loan.pool().shard();
  }

  /** How messages name it. */
  String name() {
    return "shard " + id();
  }

  /** Whether PostgreSQL answers every statement with 25P02. */
  boolean isAborted() {
    return AbortedTransaction.isOn(loan.driver());
  }

  boolean isClosed() throws SQLException {
    return loan.driver().isClosed();
  }

  /** When PostgreSQL began the transaction. */
  OffsetDateTime began() throws SQLException {
    OffsetDateTime known = began;
    if (known == null) {
      known = loan.use(Binding::askBegan);
      began = known;
    }
    return known;
  }

  private static OffsetDateTime askBegan(PgConnection driver) throws SQLException {
    try (Statement statement = driver.createStatement();
        ResultSet row = statement.executeQuery(BEGAN)) {
      row.next();
      return row.getObject(1, OffsetDateTime.class);
    }
  }

  /** What the session needs now is another, and what was set here is to be reset. */
  void session(SessionState changed) throws SQLException {
    loan.session(changed);
  }

  /** Does something on the connection that is the transaction's own business. */
  <T> T use(Loan.Exchange<T> exchange) throws SQLException {
    return loan.use(exchange);
  }

  void execute(String sql) throws SQLException {
    execute(loan, sql);
  }

  static void execute(Loan on, String sql) throws SQLException {
    on.run(
        driver -> {
          try (Statement statement = driver.createStatement()) {
            statement.execute(sql);
          }
        });
  }

  /** Carries a statement out. */
  <T> T on(OnShard<T> what) throws SQLException {
    try {
      return loan.use(driver -> what.on(loan, 0));
    } catch (SQLException e) {
      if (Fault.of(e) == Fault.MOVED) {
        untold =
            RegisterAdvance.missing(engine.routing(), id(), GuardDetail.of(e)).or(() -> untold);
      }
      throw e;
    }
  }

  /**
   * A later statement may go where the transaction is only.
   *
   * @param isolation the transaction's own; empty for the default
   * @throws SQLException if its rows are elsewhere, or are just about to move
   */
  void check(Target target, Optional<IsolationLevel> isolation) throws SQLException {
    if (!engine.runner().admissions().extend(admitted, target)) {
      throw again("the rows are just about to move to another shard: do the transaction again");
    }
    Routing now = engine.routing();
    ShardId wanted = target.in(now).shard();
    Optional<ShardId> before = under == now ? Optional.of(wanted) : shardUnder(target);
    boolean isHere = wanted.equals(id());
    boolean wasHere = before.equals(Optional.of(id()));
    boolean missedArrival = isHere && !wasHere && keepsSnapshot(isolation);
    boolean left = !isHere && wasHere;
    if (missedArrival || left) {
      throw again(
          "the rows have moved to shard %s since the transaction began on shard %s: do it again"
              .formatted(wanted, id()));
    }
    if (!isHere) {
      throw SqlFailures.secondShard(
          ("the transaction is on shard %s, where its first statement with a sharding key went,"
                  + " and this statement is about rows on shard %s: end the transaction first,"
                  + " or keep rows that change together under one sharding key")
              .formatted(id(), wanted));
    }
  }

  private static SQLException again(String why) {
    return new SQLTransactionRollbackException(why, SqlFailures.AGAIN);
  }

  /** Where the rows were as it was bound; empty where they were on no shard, or not all on one. */
  private Optional<ShardId> shardUnder(Target target) {
    try {
      return Optional.of(target.in(under).shard());
    } catch (ShardException e) {
      return Optional.empty();
    }
  }

  /**
   * A snapshot that is older than the arrival of rows does not have them, and no gate refuses a
   * write that finds none.
   */
  private boolean keepsSnapshot(Optional<IsolationLevel> isolation) throws SQLException {
    IsolationLevel own =
        isolation.isPresent()
            ? isolation.get()
            : IsolationLevel.of(loan.use(PgConnection::getTransactionIsolation));
    return own.keepsSnapshot();
  }

  /** Ends with the transaction's COMMIT. */
  void commit() throws SQLException {
    SQLException end = null;
    try {
      loan.run(PgConnection::commit);
    } catch (SQLException e) {
      end = e;
      throw Fault.of(e) == Fault.LOST
          ? SqlFailures.commitUnknown(name(), e)
          : SqlFailures.inTransaction(e, name());
    } finally {
      end(end);
    }
  }

  /** Ends with the transaction's ROLLBACK. */
  void rollback() throws SQLException {
    SQLException end = null;
    try {
      loan.run(PgConnection::rollback);
    } catch (SQLException e) {
      end = e;
      // A lost session has been rolled back by the server.
      if (Fault.of(e) != Fault.LOST) {
        throw e;
      }
    } finally {
      end(end);
    }
  }

  /**
   * The transaction is here no longer.
   *
   * @param failure what ended it; null if nothing failed
   */
  void end(@Nullable SQLException failure) {
    loan.end(failure);
    admitted.end();
    untold.ifPresent(move -> RegisterAdvance.run(engine.runner(), move, RegisterAdvance.ASIDE));
  }
}

package dev.shardwright.router;

import dev.shardwright.ShardException;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.Runner;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Work on one shard: the one that owns a key, or one that was named. Cheap to make, immutable and
 * thread-safe; keep it or make it anew for each piece of work.
 *
 * <p>Where a key was given, the caller vouches that the statements concern rows of that key only;
 * the text is not looked at. A write to a row of another key that lives elsewhere is refused by the
 * guard in the database.
 *
 * <p>Parameters are what {@link java.sql.PreparedStatement#setObject(int, Object)} of the driver
 * takes, and {@link java.time.Instant}.
 *
 * <p>Every method throws a {@link ShardException}: {@link RouteRefused}, {@link ShardUnavailable},
 * {@link RangeMoved}, {@link DeadlineExceeded}, {@link UnknownOutcome} or {@link StatementFailed}.
 * What was interrupted by a serialization failure or a deadlock is done again, unless it may commit
 * before it ends, as {@code CALL} and {@code DO} may outside of transactions; after a lost
 * connection, reads, transactions that were not committed yet, and what is declared {@link
 * #idempotent} are.
 */
public final class OneShard {
  private final Runner runner;
  private final Target target;
  private final boolean idempotent;

  OneShard(Runner runner, Target target, boolean idempotent) {
    this.runner = runner;
    this.target = target;
    this.idempotent = idempotent;
  }

  /**
   * The same, for work of which the caller declares that doing it twice is as good as doing it
   * once: it is done again after a lost connection even if it may have happened.
   */
  public OneShard idempotent() {
    return new OneShard(runner, target, true);
  }

  /**
   * The row that the query gives, if it gives one. Only for statements that read.
   *
   * @throws StatementFailed also if there is more than one row
   */
  public <T> Optional<T> queryOne(String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    return runner.run(target, new QueryOne<>(sql, mapper, parameters, idempotent));
  }

  /** The rows that the query gives, in its order. Only for statements that read. */
  public <T> List<T> query(String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    return runner.run(
        target,
        new Query<>(StatementKind.QUERY, sql, mapper, parameters, /* reads= */ true, idempotent));
  }

  /**
   * Carries out a statement that commits by itself, and gives the number of rows it changed. What
   * it would leave in the session ({@code SET}, temporary tables, {@code pg_advisory_lock}) the
   * next borrower would find: for such use {@link #connection}.
   */
  public int update(String sql, @Nullable Object... parameters) {
    return runner.run(target, new Update(sql, parameters, idempotent));
  }

  /**
   * Carries out a statement with {@code RETURNING} that commits by itself, and gives the rows that
   * it returns; leaves as little in the session as {@link #update} does.
   */
  public <T> List<T> updateReturning(
      String sql, RowMapper<T> mapper, @Nullable Object... parameters) {
    return runner.run(
        target,
        new Query<>(StatementKind.UPDATE, sql, mapper, parameters, /* reads= */ false, idempotent));
  }

  /**
   * Runs the callback in a transaction of the session's default isolation, commits when it returns,
   * rolls back when it throws.
   *
   * @param callback may run more than once, so it has no effect but through the connection; it
   *     cannot end the transaction itself, in SQL neither
   * @return what the callback returned
   * @throws RuntimeException what the callback threw; as the cause of an {@link UnknownOutcome}
   *     where it is {@link #idempotent} and ran again since the answer to its COMMIT was lost
   */
  public <T> T inTransaction(TransactionCallback<T> callback) {
    return runner.run(target, new InTransaction<>(Optional.empty(), callback, idempotent));
  }

  /** {@link #inTransaction(TransactionCallback)} in a transaction of that isolation. */
  public <T> T inTransaction(Isolation isolation, TransactionCallback<T> callback) {
    return runner.run(target, new InTransaction<>(Optional.of(isolation), callback, idempotent));
  }

  /** {@link #inTransaction(TransactionCallback)} for a callback that returns nothing. */
  public void useTransaction(TransactionCallback.Action callback) {
    inTransaction(returningNothing(callback));
  }

  /** {@link #inTransaction(Isolation, TransactionCallback)} for a callback that returns nothing. */
  public void useTransaction(Isolation isolation, TransactionCallback.Action callback) {
    inTransaction(isolation, returningNothing(callback));
  }

  /**
   * A plain connection to the shard, in autocommit mode; the caller closes it. Nothing on it is
   * done again, and the driver's exceptions come as they are. Closing rolls back what was not
   * committed and restores autocommit, isolation and read-only. A session that then still has
   * something of its own (settings, temporary tables, LISTEN, advisory locks, cursors, prepared
   * statements) is closed rather than lent to somebody else; to know it takes one statement. Behind
   * a proxy that shares sessions nothing is looked at: leave nothing in the session there.
   *
   * @throws ShardException if no connection can be had
   */
  public Connection connection() {
    return runner.run(target, new OpenConnection());
  }

  private static TransactionCallback<Boolean> returningNothing(TransactionCallback.Action action) {
    return connection -> {
      action.run(connection);
      return true;
    };
  }
}

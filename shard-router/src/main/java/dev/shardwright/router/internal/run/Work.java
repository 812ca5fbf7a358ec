package dev.shardwright.router.internal.run;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import java.sql.SQLException;

/**
 * One piece of work on one shard. Used by one thread, once; an attempt that failed may be followed
 * by another.
 *
 * @param <T> what it gives
 */
public abstract class Work<T> {
  private final StatementKind kind;

  /** How far the running attempt has come. */
  public Phase phase = Phase.NOT_SENT;

  /**
   * The most seconds that the statement of this attempt may take; 0 for the limit that the session
   * has already. Set for repeated attempts only, so that the first costs nothing more.
   */
  public int limitSeconds;

  public Work(StatementKind kind) {
    this.kind = kind;
  }

  public final StatementKind kind() {
    return kind;
  }

  /**
   * Borrows a connection and does the work once, keeping {@link #phase} up to date.
   *
   * @throws SQLException as the pool or the connection threw it
   */
  public abstract T attempt(EndpointPool pool) throws SQLException;

  /** Whether it may be done again although it may have been done already. */
  public abstract Repeat repeat();
}

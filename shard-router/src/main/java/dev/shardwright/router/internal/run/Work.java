package dev.shardwright.router.internal.run;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.topology.Epoch;
import java.sql.SQLException;
import java.time.Duration;

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

  /** Whether rows may be changed, as far as the kind of work tells. */
  public boolean changes() {
    return kind != StatementKind.QUERY;
  }

  /** How long all attempts together may take, if the router lets statements take that long. */
  public Duration deadline(Duration usual) {
    return usual;
  }

  /**
   * Takes the stay of the attempt over, to end it itself, where something of the attempt outlives
   * it.
   *
   * @return whether it has
   */
  public boolean keeps(Stay stay) {
    return false;
  }

  public Work(StatementKind kind) {
    this.kind = kind;
  }

  public final StatementKind kind() {
    return kind;
  }

  /**
   * Borrows a connection and does the work once, keeping {@link #phase} up to date.
   *
   * @param epoch of the topology that the attempt goes by
   * @throws SQLException as the pool or the connection threw it
   */
  public abstract T attempt(EndpointPool pool, Epoch epoch) throws SQLException;

  /** Whether it may be done again although it may have been done already. */
  public abstract Repeat repeat();
}

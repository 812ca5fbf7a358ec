package dev.shardwright.router.internal.run;

import com.google.common.primitives.Ints;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.topology.Epoch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * One piece of work on one shard. Used by one thread, once; an attempt that failed may be followed
 * by another.
 *
 * @param <T> what it gives
 */
public abstract class Work<T> {
  private static final long UNNOTICED_NANOS = Duration.ofMillis(250).toNanos();
  private static final long NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final StatementKind kind;

  /** How far the running attempt has come. */
  public Phase phase = Phase.NOT_SENT;

  private long began;
  private long deadlineNanos;

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

  /** Whether nobody wants it any more, so that nothing is sent for it. From any thread. */
  public boolean isUnwanted() {
    return false;
  }

  public Work(StatementKind kind) {
    this.kind = kind;
  }

  /** It begins now, with all that it has to wait for. */
  final void begin(long nanoTime, Duration deadline) {
    began = nanoTime;
    deadlineNanos = deadline.toNanos();
  }

  /**
   * The most seconds that a statement may take that is sent now; 0 for the limit that the session
   * has already, where next to none of the time has gone, so that the usual case costs nothing.
   */
  protected final int limitSeconds() {
    long gone = System.nanoTime() - began;
    return gone < UNNOTICED_NANOS
        ? 0
        : Ints.saturatedCast(1 + Math.max(0, (deadlineNanos - gone) / NANOS_PER_SECOND));
  }

  /** How many nanoseconds are left of the deadline. */
  public final long left() {
    return deadlineNanos - (System.nanoTime() - began);
  }

  /** How many nanoseconds more it may wait for a connection, if the pool lets it. */
  protected final long patience() {
    return isUnwanted() ? 0 : left();
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

  /** The same if its caller had not declared it idempotent; empty if the caller has not. */
  public Optional<Repeat> undeclared() {
    return Optional.empty();
  }

  /** Whether a part of it may be committed before it ends. Costs next to nothing to ask. */
  public boolean mayCommitWithin() {
    return false;
  }
}

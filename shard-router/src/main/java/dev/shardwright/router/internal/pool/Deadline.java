package dev.shardwright.router.internal.pool;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * By when the wait of one thread must have ended; another looks at it now and then. Thread-safe,
 * for one wait at a time.
 *
 * <p>Who replaces the deadline decides how the wait ended: the waiting thread, or the one that
 * found it overdue. So nothing is ended that got its answer, whoever waits there by then.
 */
final class Deadline {
  private static final long NOT_WAITING = 0;
  private static final long ENDED = 1;

  /** Makes a deadline neither of the two; three nanoseconds late at most. */
  private static final long DEADLINE_BITS = 3;

  private final AtomicLong state = new AtomicLong(NOT_WAITING);

  /** A wait begins; gives what is to be handed back at its end. */
  long begin(long nanos) {
    long due = nanos | DEADLINE_BITS;
    state.set(due);
    return due;
  }

  /**
   * The wait brought what it was for.
   *
   * @throws SocketTimeoutException if it was found overdue before
   */
  void end(long due) throws SocketTimeoutException {
    if (!state.compareAndSet(due, NOT_WAITING)) {
      throw timedOut();
    }
  }

  /** The wait failed; gives what the waiting thread should throw. */
  IOException failed(long due, IOException failure) {
    if (state.compareAndSet(due, NOT_WAITING)) {
      return failure;
    }
    SocketTimeoutException timedOut = timedOut();
    timedOut.addSuppressed(failure);
    return timedOut;
  }

  /** Whether somebody waits who should not wait any longer; true once for each wait. */
  boolean isOverdue(long now) {
    long due = state.get();
    return isDeadline(due) && now - due >= 0 && state.compareAndSet(due, ENDED);
  }

  /** Whether somebody waits. */
  boolean isSet() {
    return isDeadline(state.get());
  }

  private static boolean isDeadline(long state) {
    return state != NOT_WAITING && state != ENDED;
  }

  private static SocketTimeoutException timedOut() {
    return new SocketTimeoutException("no answer in time, so the connection was closed");
  }
}

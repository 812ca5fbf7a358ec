package dev.shardwright.router.internal.route;

import dev.shardwright.topology.RangeMove;
import java.util.List;

/**
 * Work that goes by a snapshot counts there from its routing to its end. One object may stand for
 * many pieces of work: each of them begins and ends once.
 */
public final class Stay {
  private final Routing routing;
  private final List<RoutedMove> changed;
  private final long waitedNanos;

  /**
   * @param changed the moves whose ranges it may change
   */
  Stay(Routing routing, List<RoutedMove> changed) {
    this(routing, changed, 0);
  }

  private Stay(Routing routing, List<RoutedMove> changed, long waitedNanos) {
    this.routing = routing;
    this.changed = changed;
    this.waitedNanos = waitedNanos;
  }

  /** The same of work that has waited so long. */
  Stay after(long nanos) {
    return new Stay(routing, changed, nanos);
  }

  /** What the work goes by. */
  public Routing routing() {
    return routing;
  }

  /** How long it waited for rows that were held, in nanoseconds. */
  public long waitedNanos() {
    return waitedNanos;
  }

  /** Whether it counts among those that may change the ranges of that move. */
  public boolean changes(RangeMove move) {
    for (RoutedMove counted : changed) {
      if (counted.move().number() == move.number()) {
        return true;
      }
    }
    return false;
  }

  /** Work begins; where that is not a part of work that has begun, see {@link Admissions}. */
  public void begin() {
    routing.inFlight().begin();
    for (RoutedMove move : changed) {
      move.changes().begin();
    }
  }

  /** Work that has begun ends. */
  public void end() {
    for (RoutedMove move : changed) {
      move.changes().end();
    }
    routing.inFlight().end();
  }
}

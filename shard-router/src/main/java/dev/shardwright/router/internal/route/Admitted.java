package dev.shardwright.router.internal.route;

import dev.shardwright.topology.RangeMove;
import java.util.ArrayList;
import java.util.List;

/** The admissions of one long piece of work, such as a transaction, until it ends. Thread-safe. */
public final class Admitted {
  private final List<Stay> admissions = new ArrayList<>();
  private boolean over;

  /** Takes a stay over, which has begun; ends it right away if the work is over. */
  public synchronized void add(Stay stay) {
    if (over) {
      stay.end();
    } else {
      admissions.add(stay);
    }
  }

  /** Whether it counts among those that may change the ranges of that move. */
  public synchronized boolean changes(RangeMove move) {
    return admissions.stream().anyMatch(stay -> stay.changes(move));
  }

  /** The work is over. Safe to repeat. */
  public synchronized void end() {
    over = true;
    List<Stay> ending = List.copyOf(admissions);
    admissions.clear(); // first: what has ended does not end again
    ending.forEach(Stay::end);
  }
}

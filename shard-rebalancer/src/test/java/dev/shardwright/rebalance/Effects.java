package dev.shardwright.rebalance;

import java.util.ArrayList;
import java.util.List;

/**
 * What a mover has done for good, one after the other: each committed transaction, each write to
 * ZooKeeper; and, where that is wanted, moments in between at which nothing of it lasts. Whoever
 * did it has not heard of it yet while it is counted here. Thread-safe.
 */
final class Effects {
  private final boolean withMoments;
  private final List<String> seen = new ArrayList<>();
  private Moment moment = Moment.NEVER;
  private Runnable action = () -> {};
  private boolean over;

  private Effects(boolean withMoments) {
    this.withMoments = withMoments;
  }

  /** Counts what lasts. */
  static Effects lasting() {
    return new Effects(false);
  }

  /** Counts moments too: a connection that is asked for, a gate that was closed. */
  static Effects andMoments() {
    return new Effects(true);
  }

  /** Begins anew, and does something at that moment, before the effects' author hears of it. */
  synchronized void at(Moment when, Runnable does) {
    seen.clear();
    moment = when;
    action = does;
    over = false;
  }

  /** Whether it was done. */
  synchronized boolean isOver() {
    return over;
  }

  /** All that was counted, in words. */
  synchronized List<String> seen() {
    return List.copyOf(seen);
  }

  /** What others have done meanwhile waits here until it was counted. */
  synchronized void happened(String what) {
    seen.add(what);
    if (!over && moment.isAt(seen)) {
      over = true;
      action.run();
    }
  }

  /** The same for what does not last. */
  synchronized void passed(String moment) {
    if (withMoments) {
      happened(moment);
    }
  }
}

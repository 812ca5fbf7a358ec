package dev.shardwright.router.internal.route;

import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Holds the newest topology that the router knows, prepared for routing. Each piece of work takes
 * one snapshot and uses only that. Thread-safe.
 */
public final class TopologyFollower {
  private final Function<Topology, Routing> prepare;
  private volatile Routing current;

  public TopologyFollower(Topology first, Function<Topology, Routing> prepare) {
    this.prepare = prepare;
    this.current = prepare.apply(first);
  }

  public Routing current() {
    return current;
  }

  /** Keeps the newer of the two; says whether it is the given one. */
  public synchronized boolean offer(Topology seen) {
    if (!seen.epoch().isAfter(current.epoch())) {
      return false;
    }
    current = prepare.apply(seen);
    notifyAll();
    return true;
  }

  /**
   * Waits for a topology of that epoch or a newer one.
   *
   * @param unwanted whether to wait no longer, asked when those who wait are woken
   * @return whether there is one; false too if the thread was interrupted, which it then still is
   */
  public synchronized boolean await(Epoch epoch, long nanos, BooleanSupplier unwanted) {
    long began = System.nanoTime();
    while (epoch.isAfter(current.epoch())) {
      long left = nanos - (System.nanoTime() - began);
      if (left <= 0 || unwanted.getAsBoolean()) {
        return false;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /**
   * Waits until the newest snapshot is another one, the time is over, the thread is interrupted, or
   * those who wait are woken.
   *
   * @param unwanted whether not to wait
   */
  public synchronized void awaitOther(Routing seen, long nanos, BooleanSupplier unwanted) {
    if (current != seen || unwanted.getAsBoolean()) {
      return;
    }
    try {
      TimeUnit.NANOSECONDS.timedWait(this, nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets those who wait look again whether they still want to. */
  public synchronized void wake() {
    notifyAll();
  }
}

package dev.shardwright.topology;

import dev.shardwright.TopologyUnavailable;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Holds the topology of one cluster and lets it change only by compare-and-set on its epoch.
 * Thread-safe.
 *
 * <p>Every implementation passes the same suite of contract tests.
 */
public interface TopologyStore extends AutoCloseable {

  /**
   * The newest topology: at least as new as any that was in force when the call began.
   *
   * @throws TopologyUnavailable if there is none, it cannot be read within the store's deadline, or
   *     it cannot be understood
   */
  Topology read();

  /**
   * The epoch in force, as new as what {@link #read} answers; empty if there is no topology.
   *
   * @throws TopologyUnavailable if there is one that cannot be understood, or if whether there is
   *     one cannot be told within the store's deadline
   */
  Optional<Epoch> epoch();

  /**
   * Makes {@code next} the topology if {@code next.epoch()} follows the epoch in force directly;
   * the first topology has epoch 1. Losing is a result, not an error.
   *
   * @throws TopologyUnavailable if the store could not be reached at all, so that nothing was
   *     changed
   * @throws IllegalArgumentException if the change is larger than the store takes at a time;
   *     nothing was changed
   */
  CompareAndSet compareAndSet(Topology next);

  /**
   * Makes {@code kept} the topology, whatever its epoch, if there is none: for a store that has
   * lost everything. That there is one already is a result, not an error.
   *
   * @throws TopologyUnavailable if the store could not be reached at all, so that nothing was
   *     changed
   */
  CompareAndSet restore(Topology kept);

  /**
   * Calls the listener, on one thread of the store, first with the newest topology and then with
   * newer ones: never an older one, never one twice; some may be left out. Goes on by itself after
   * the store was out of reach. A listener that throws is logged and kept, and may be given the
   * same one again.
   *
   * @throws TopologyUnavailable if the first topology cannot be read
   */
  Subscription watch(Consumer<Topology> listener);

  /**
   * Whether the store is in touch with its servers now; while it is not, the topology cannot
   * change.
   */
  boolean isConnected();

  /** Ends all subscriptions. Safe to call twice. */
  @Override
  void close();

  /** A listener's registration. */
  interface Subscription extends AutoCloseable {
    /**
     * No call begins after this returned, and none is under way, unless this was called from the
     * listener itself or the listener took longer than 10 s. Safe to call twice.
     */
    @Override
    void close();
  }
}

package dev.shardwright.admin;

import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Changes the topology by compare-and-set: whoever loses looks again, and plans again on what it
 * finds. Thread-safe.
 */
final class TopologyEditor {
  private static final int ATTEMPTS = 30;
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

  private final TopologyStore store;

  TopologyEditor(TopologyStore store) {
    this.store = store;
  }

  Topology read() {
    return store.read();
  }

  /** What an attempt came to: a topology that is as wanted; empty if somebody else was first. */
  @FunctionalInterface
  interface Attempt {
    Optional<Topology> on(Topology current);
  }

  /**
   * Makes a change that concerns only the topology.
   *
   * @param change from the topology in force to the one wanted, whose epoch does not matter yet; an
   *     equal one if nothing is to be done
   */
  Topology change(Function<Topology, Topology> change) {
    return attempt(
        current -> {
          Topology next = change.apply(current);
          return next.equals(current) ? Optional.of(current) : swap(current, next);
        });
  }

  /** Tries on newer and newer topologies until an attempt says that it is done. */
  Topology attempt(Attempt attempt) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<Topology> done = attempt.on(store.read());
      if (done.isPresent()) {
        return done.get();
      }
      pause();
    }
    throw new ChangeFailed(
        "others changed the topology %d times in a row while this change was made: run it again"
            .formatted(ATTEMPTS),
        null);
  }

  /** Puts {@code next} in the place of {@code current}; empty if another was first. */
  Optional<Topology> swap(Topology current, Topology next) {
    Epoch epoch = current.epoch().next();
    Topology wanted = next.withEpoch(epoch);
    CompareAndSet result = store.compareAndSet(wanted);
    if (result instanceof CompareAndSet.Unknown unknown) {
      throw new ChangeFailed(
          "epoch %s may or may not be in force (%s): look at the topology, and run this again"
              .formatted(epoch, unknown.reason()),
          null);
    }
    return result instanceof CompareAndSet.Applied ? Optional.of(wanted) : Optional.empty();
  }

  private static void pause() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChangeFailed("interrupted before the change was made", e);
    }
  }
}

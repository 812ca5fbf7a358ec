package dev.shardwright.admin;

import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A store in memory, where something happens in place of the next compare-and-sets, and the next
 * reads may come before what they answer has changed.
 */
final class InterferingStore implements TopologyStore {
  private final InMemoryTopologyStore store = new InMemoryTopologyStore();
  private final Queue<Function<Topology, CompareAndSet>> interference = new ArrayDeque<>();
  private final Queue<Topology> reads = new ArrayDeque<>();

  /** What the next read that has none yet answers instead: what was in force before. */
  void readNext(Topology before) {
    reads.add(before);
  }

  /** The store behind, for what interferes. */
  TopologyStore behind() {
    return store;
  }

  /** What the next compare-and-set that has none yet does instead. */
  void next(Function<Topology, CompareAndSet> instead) {
    interference.add(instead);
  }

  /** Before the next compare-and-set, somebody else makes an epoch. */
  void loseNext(Consumer<TopologyStore> somebodyElse) {
    next(
        wanted -> {
          somebodyElse.accept(store);
          return store.compareAndSet(wanted);
        });
  }

  @Override
  public Topology read() {
    Topology before = reads.poll();
    return before == null ? store.read() : before;
  }

  @Override
  public Optional<Epoch> epoch() {
    return store.epoch();
  }

  @Override
  public CompareAndSet compareAndSet(Topology next) {
    Function<Topology, CompareAndSet> instead = interference.poll();
    return instead == null ? store.compareAndSet(next) : instead.apply(next);
  }

  @Override
  public CompareAndSet restore(Topology kept) {
    return store.restore(kept);
  }

  @Override
  public Subscription watch(Consumer<Topology> listener) {
    return store.watch(listener);
  }

  @Override
  public boolean isConnected() {
    return store.isConnected();
  }

  @Override
  public void close() {
    store.close();
  }
}

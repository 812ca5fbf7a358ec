package dev.shardwright.admin;

import dev.shardwright.topology.CompareAndSet;
import dev.shardwright.topology.InMemoryTopologyStore;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.TopologyStore;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;

/** A store in memory, where something happens in place of the next compare-and-sets. */
final class InterferingStore implements TopologyStore {
  private final InMemoryTopologyStore store = new InMemoryTopologyStore();
  private final Queue<Function<Topology, CompareAndSet>> interference = new ArrayDeque<>();

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
    return store.read();
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

package dev.shardwright.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class InMemoryTopologyStoreTest extends TopologyStoreContract {

  @Override
  protected TopologyStore emptyStore() {
    return new InMemoryTopologyStore();
  }

  /** Within one process the other store can only be the same one, left open by its second user. */
  @Override
  protected TopologyStore another(TopologyStore store) {
    return new TopologyStore() {
      @Override
      public Topology read() {
        return store.read();
      }

      @Override
      public Optional<Epoch> epoch() {
        return store.epoch();
      }

      @Override
      public CompareAndSet compareAndSet(Topology next) {
        return store.compareAndSet(next);
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
      public void close() {}
    };
  }

  @Test
  void mayBeginWithATopology() {
    try (TopologyStore store = new InMemoryTopologyStore(TestTopologies.everything())) {
      assertThat(store.read()).isEqualTo(TestTopologies.everything());
    }
  }
}

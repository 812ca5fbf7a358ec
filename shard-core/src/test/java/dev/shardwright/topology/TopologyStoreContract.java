package dev.shardwright.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every topology store does. */
@Timeout(60)
public abstract class TopologyStoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A store of a cluster that has no topology yet; the test closes it. */
  protected abstract TopologyStore emptyStore();

  /** Another store of the same cluster, as another process would have it; the test closes it. */
  protected abstract TopologyStore another(TopologyStore store);

  @Test
  void anEmptyStoreHasNothingToRead() {
    try (TopologyStore store = emptyStore()) {
      assertThat(store.isConnected()).isTrue();
      assertThatThrownBy(store::read)
          .isInstanceOf(TopologyUnavailable.class)
          .hasMessageContaining("set the cluster up");
      assertThat(store.epoch()).isEmpty();
      assertThatThrownBy(() -> store.watch(topology -> {})).isInstanceOf(TopologyUnavailable.class);
    }
  }

  @Test
  void whatWasAppliedIsRead() {
    try (TopologyStore store = emptyStore();
        TopologyStore other = another(store)) {
      Topology topology = TestTopologies.everything();
      assertThat(store.compareAndSet(topology)).isEqualTo(applied(1));
      assertThat(store.read()).isEqualTo(topology);
      assertThat(other.read()).isEqualTo(topology);
      Topology next = topology.next().withoutMove(9).withoutKeyspace("events");
      assertThat(other.compareAndSet(next)).isEqualTo(applied(2));
      assertThat(store.read()).isEqualTo(next);
      assertThat(other.read()).isEqualTo(next);
    }
  }

  @Test
  void onlyTheEpochThatFollowsDirectlyIsApplied() {
    try (TopologyStore store = emptyStore()) {
      Topology second = Topology.INITIAL.next();
      assertThat(store.compareAndSet(second)).isEqualTo(new CompareAndSet.Lost(Epoch.NONE));
      assertThat(store.compareAndSet(Topology.INITIAL)).isEqualTo(applied(1));
      assertThat(store.compareAndSet(Topology.INITIAL)).isEqualTo(lost(1));
      assertThat(store.compareAndSet(second.next())).isEqualTo(lost(1));
      assertThat(store.compareAndSet(second)).isEqualTo(applied(2));
      assertThat(store.compareAndSet(second.withShard(TestTopologies.shard("late"))))
          .isEqualTo(lost(2));
      assertThat(store.read()).isEqualTo(second);
    }
  }

  @Test
  void aKeptTopologyIsRestoredOnlyWhereThereIsNone() {
    try (TopologyStore store = emptyStore();
        TopologyStore other = another(store)) {
      Topology kept = TestTopologies.everything();
      Topology later =
          new Topology(
              new Epoch(1_000_042),
              kept.shards(),
              kept.keyspaces(),
              kept.referenceTables(),
              kept.moves());
      assertThat(store.restore(later)).isEqualTo(applied(1_000_042));
      assertThat(other.read()).isEqualTo(later);
      assertThat(other.epoch()).contains(new Epoch(1_000_042));
      assertThat(other.restore(kept)).isEqualTo(lost(1_000_042));
      assertThat(other.compareAndSet(later.next())).isEqualTo(applied(1_000_043));
      assertThat(store.read()).isEqualTo(later.next());
    }
  }

  @Test
  void racingWritersLoseNoUpdate() throws Exception {
    try (TopologyStore first = emptyStore();
        TopologyStore second = another(first);
        TopologyStore admin = another(first)) {
      first.compareAndSet(Topology.INITIAL);
      int each = 15;
      List<Callable<List<ShardId>>> writers = new ArrayList<>();
      writers.add(() -> addShards(first, "a", each));
      writers.add(() -> addShards(second, "b", each));
      writers.add(() -> addShards(admin, "c", each));
      writers.add(() -> addShards(admin, "d", each));
      Set<ShardId> expected = new HashSet<>();
      for (List<ShardId> added : inParallel(writers)) {
        expected.addAll(added);
      }
      assertThat(expected).hasSize(4 * each);
      assertThat(first.read().shards().keySet()).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(second.read().epoch()).isEqualTo(new Epoch(1 + 4 * each));
    }
  }

  @Test
  void onlyOneOfManyFirstTopologiesIsApplied() throws Exception {
    try (TopologyStore store = emptyStore();
        TopologyStore other = another(store)) {
      List<Callable<CompareAndSet>> writers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        TopologyStore one = i % 2 == 0 ? store : other;
        Topology topology = Topology.INITIAL.withShard(TestTopologies.shard("s" + i));
        writers.add(() -> one.compareAndSet(topology));
      }
      List<CompareAndSet> outcomes = inParallel(writers);
      assertThat(outcomes).filteredOn(applied(1)::equals).hasSize(1);
      assertThat(outcomes).filteredOn(lost(1)::equals).hasSize(5);
      int winner = outcomes.indexOf(applied(1));
      assertThat(store.read().shards()).containsOnlyKeys(ShardId.of("s" + winner));
    }
  }

  @Test
  void ringsThatChangedAndRingsThatDidNotAreRead() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (TopologyStore store = emptyStore();
        TopologyStore other = another(store)) {
      Topology topology = Topology.INITIAL;
      store.compareAndSet(topology);
      for (int i = 0; i < 20; i++) {
        Topology drawn = TestTopologies.random(random);
        Topology next =
            new Topology(
                topology.epoch().next(),
                drawn.shards(),
                random.nextBoolean()
                        && drawn.shards().keySet().containsAll(topology.shards().keySet())
                    ? topology.keyspaces()
                    : drawn.keyspaces(),
                drawn.referenceTables(),
                Topology.INITIAL.moves());
        assertThat(store.compareAndSet(next)).isEqualTo(new CompareAndSet.Applied(next.epoch()));
        assertThat(store.read()).isEqualTo(next);
        assertThat(other.read()).isEqualTo(next);
        topology = next;
      }
    }
  }

  @Test
  void aLargeTopologyIsKept() {
    try (TopologyStore store = emptyStore();
        TopologyStore other = another(store)) {
      Topology topology = TestTopologies.large(1_000, 64);
      assertThat(store.compareAndSet(topology)).isEqualTo(applied(1));
      assertThat(other.read()).isEqualTo(topology);
    }
  }

  @Test
  void aWatchBeginsWithTheNewestAndNeverGoesBack() throws Exception {
    try (TopologyStore store = emptyStore();
        TopologyStore other = another(store)) {
      store.compareAndSet(Topology.INITIAL);
      List<Topology> seen = new CopyOnWriteArrayList<>();
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      other.watch(
          topology -> {
            threads.add(Thread.currentThread());
            seen.add(topology);
          });
      await().atMost(PATIENCE).until(() -> !seen.isEmpty());
      assertThat(seen.get(0)).isEqualTo(Topology.INITIAL);
      inParallel(List.of(() -> addShards(store, "a", 20), () -> addShards(store, "b", 20)));
      await().atMost(PATIENCE).until(() -> last(seen).epoch().equals(new Epoch(41)));
      assertThat(last(seen)).isEqualTo(store.read());
      assertThat(seen).extracting(Topology::epoch).isSorted().doesNotHaveDuplicates();
      assertThat(threads).hasSize(1);
    }
  }

  @Test
  void aSlowListenerMissesSomeButGetsTheNewest() throws Exception {
    try (TopologyStore store = emptyStore()) {
      store.compareAndSet(Topology.INITIAL);
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      List<Epoch> seen = new CopyOnWriteArrayList<>();
      store.watch(
          topology -> {
            entered.countDown();
            awaitLatch(release);
            seen.add(topology.epoch());
          });
      awaitLatch(entered);
      addShards(store, "a", 10);
      assertThat(store.read().epoch()).isEqualTo(new Epoch(11));
      release.countDown();
      await().atMost(PATIENCE).until(() -> seen.contains(new Epoch(11)));
      assertThat(seen).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void aLaterListenerDoesNotMakeAnEarlierOneSeeAnEpochTwice() {
    try (TopologyStore store = emptyStore()) {
      store.compareAndSet(Topology.INITIAL);
      List<Epoch> first = new CopyOnWriteArrayList<>();
      List<Epoch> second = new CopyOnWriteArrayList<>();
      store.watch(topology -> first.add(topology.epoch()));
      await().atMost(PATIENCE).until(() -> first.size() == 1);
      store.watch(topology -> second.add(topology.epoch()));
      await().atMost(PATIENCE).until(() -> second.size() == 1);
      assertThat(first).containsExactly(new Epoch(1));
    }
  }

  @Test
  void aListenerThatThrowsIsKeptAndDisturbsNobody() {
    try (TopologyStore store = emptyStore()) {
      store.compareAndSet(Topology.INITIAL);
      List<Epoch> bad = new CopyOnWriteArrayList<>();
      List<Epoch> good = new CopyOnWriteArrayList<>();
      store.watch(
          topology -> {
            bad.add(topology.epoch());
            throw new IllegalStateException("on purpose");
          });
      store.watch(topology -> good.add(topology.epoch()));
      await().atMost(PATIENCE).until(() -> !bad.isEmpty() && good.size() == 1);
      store.compareAndSet(store.read().next());
      await().atMost(PATIENCE).until(() -> bad.contains(new Epoch(2)) && good.size() == 2);
    }
  }

  @Test
  void aListenerMayCloseItsOwnSubscription() {
    try (TopologyStore store = emptyStore()) {
      store.compareAndSet(Topology.INITIAL);
      CompletableFuture<TopologyStore.Subscription> subscription = new CompletableFuture<>();
      List<Epoch> seen = new CopyOnWriteArrayList<>();
      List<Epoch> witness = new CopyOnWriteArrayList<>();
      subscription.complete(
          store.watch(
              topology -> {
                subscription.join().close();
                seen.add(topology.epoch());
              }));
      await().atMost(PATIENCE).until(() -> !seen.isEmpty());
      store.watch(topology -> witness.add(topology.epoch()));
      store.compareAndSet(store.read().next());
      await().atMost(PATIENCE).until(() -> witness.contains(new Epoch(2)));
      assertThat(seen).containsExactly(new Epoch(1));
    }
  }

  @Test
  void noCallBeginsAfterASubscriptionWasClosed() throws Exception {
    try (TopologyStore store = emptyStore()) {
      store.compareAndSet(Topology.INITIAL);
      ExecutorService writer = Executors.newSingleThreadExecutor();
      Future<?> writing = writer.submit(() -> addShards(store, "a", 100));
      List<Epoch> late = new CopyOnWriteArrayList<>();
      while (!writing.isDone()) {
        AtomicBoolean closed = new AtomicBoolean();
        TopologyStore.Subscription subscription =
            store.watch(
                topology -> {
                  if (closed.get()) {
                    late.add(topology.epoch());
                  }
                });
        subscription.close();
        closed.set(true);
        subscription.close();
      }
      writer.shutdown();
      writing.get();
      assertThat(late).isEmpty();
    }
  }

  @Test
  void closingASubscriptionWaitsForTheCallThatIsUnderWay() throws Exception {
    try (TopologyStore store = emptyStore()) {
      store.compareAndSet(Topology.INITIAL);
      CompletableFuture<Thread> closing = new CompletableFuture<>();
      CountDownLatch entered = new CountDownLatch(1);
      AtomicBoolean ended = new AtomicBoolean();
      TopologyStore.Subscription subscription =
          store.watch(
              topology -> {
                entered.countDown();
                Thread closer = closing.join();
                await().atMost(PATIENCE).until(() -> closer.getState() != Thread.State.RUNNABLE);
                ended.set(true);
              });
      awaitLatch(entered);
      AtomicBoolean endedBefore = new AtomicBoolean();
      Thread closer =
          new Thread(
              () -> {
                subscription.close();
                endedBefore.set(ended.get());
              });
      closer.start();
      closing.complete(closer);
      closer.join(PATIENCE.toMillis());
      assertThat(endedBefore).isTrue();
    }
  }

  @Test
  void closingEndsTheSubscriptionsAndMayBeRepeated() {
    TopologyStore store = emptyStore();
    store.compareAndSet(Topology.INITIAL);
    List<Epoch> seen = new CopyOnWriteArrayList<>();
    TopologyStore.Subscription subscription = store.watch(topology -> seen.add(topology.epoch()));
    await().atMost(PATIENCE).until(() -> seen.size() == 1);
    store.close();
    assertThatCode(store::close).doesNotThrowAnyException();
    assertThatCode(subscription::close).doesNotThrowAnyException();
    assertThat(store.isConnected()).isFalse();
    assertThatThrownBy(store::read).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.watch(topology -> {})).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.compareAndSet(Topology.INITIAL.next()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(seen).containsExactly(new Epoch(1));
  }

  private static List<ShardId> addShards(TopologyStore store, String prefix, int count) {
    List<ShardId> added = new ArrayList<>();
    while (added.size() < count) {
      ShardId id = ShardId.of(prefix + added.size());
      Topology next = store.read().next().withShard(TestTopologies.shard(id.value()));
      CompareAndSet outcome = store.compareAndSet(next);
      if (outcome instanceof CompareAndSet.Applied) {
        added.add(id);
      } else {
        assertThat(outcome).isInstanceOf(CompareAndSet.Lost.class);
      }
    }
    return added;
  }

  private static <T> List<T> inParallel(List<Callable<T>> tasks) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : executor.invokeAll(tasks)) {
        results.add(result.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Topology last(List<Topology> seen) {
    return seen.get(seen.size() - 1);
  }

  private static CompareAndSet applied(long epoch) {
    return new CompareAndSet.Applied(new Epoch(epoch));
  }

  private static CompareAndSet lost(long epoch) {
    return new CompareAndSet.Lost(new Epoch(epoch));
  }
}

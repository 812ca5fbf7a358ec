package dev.shardwright.router.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.Background;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.topology.Topology;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private static final int SWITCHES = 300;
  private static final int THREADS = 6;

  @Test
  void countsWhatHasBegunAndNotEnded() {
    InFlight inFlight = new InFlight();
    assertThat(inFlight.isQuiescent()).isTrue();
    inFlight.begin();
    inFlight.begin();
    inFlight.end();
    assertThat(inFlight.isQuiescent()).isFalse();
    inFlight.end();
    assertThat(inFlight.isQuiescent()).isTrue();
  }

  @Test
  void mayEndInAnotherThread() throws Exception {
    InFlight inFlight = new InFlight();
    inFlight.begin();
    Background.run(inFlight::end).get();
    assertThat(inFlight.isQuiescent()).isTrue();
  }

  @Test
  void tellsOfEachEnd() {
    InFlight inFlight = new InFlight();
    AtomicInteger told = new AtomicInteger();
    inFlight.begin();
    inFlight.onEnd(told::incrementAndGet);
    inFlight.end();
    assertThat(told).hasValue(1);
  }

  /** Once a snapshot was replaced and is found quiescent, nobody is, or comes, inside. */
  @Test
  void missesNobodyWhoBeganUnderASnapshotThatWasReplaced() throws Exception {
    TopologyFollower follower = new TopologyFollower(Topology.INITIAL, InFlightTest::routing);
    Admissions admissions =
        new Admissions(
            follower,
            new RouterMeters(new SimpleMeterRegistry()),
            () -> false,
            () -> new RouteRefused("closed"));
    Reach all = new Reach.OfKeyspaces(Set.of());
    Map<Routing, AtomicInteger> inside = new ConcurrentHashMap<>();
    Map<Routing, Boolean> left = new ConcurrentHashMap<>();
    AtomicBoolean missed = new AtomicBoolean();
    AtomicBoolean stop = new AtomicBoolean();
    List<CompletableFuture<Void>> workers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      workers.add(
          Background.run(
              () -> {
                while (!stop.get()) {
                  Stay stay = admissions.admit(all, /* changes= */ true, 0);
                  Routing routing = stay.routing();
                  AtomicInteger here = inside.computeIfAbsent(routing, any -> new AtomicInteger());
                  here.incrementAndGet();
                  if (left.containsKey(routing)) {
                    missed.set(true);
                  }
                  here.decrementAndGet();
                  stay.end();
                }
              }));
    }
    for (int i = 0; i < SWITCHES; i++) {
      Routing before = follower.current();
      while (!inside.containsKey(before)) {
        Thread.onSpinWait(); // until somebody has begun under it
      }
      follower.offer(before.topology().next());
      while (!before.inFlight().isQuiescent()) {
        LockSupport.parkNanos(1_000);
      }
      left.put(before, true);
      AtomicInteger here = inside.get(before);
      if (here != null && here.get() != 0) {
        missed.set(true);
      }
    }
    stop.set(true);
    for (CompletableFuture<Void> worker : workers) {
      worker.get();
    }
    assertThat(missed).isFalse();
    assertThat(follower.current().inFlight().isQuiescent()).isTrue();
  }

  private static Routing routing(Topology topology) {
    return new Routing(
        topology,
        (keyspace, shard) -> {
          throw new AssertionError("there are no shards");
        });
  }
}

package dev.shardwright.router.internal.moves;

import static dev.shardwright.router.internal.moves.MovingTopology.AT_REST;
import static dev.shardwright.router.internal.moves.MovingTopology.MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.router.internal.route.Admissions;
import dev.shardwright.router.internal.route.Admitted;
import dev.shardwright.router.internal.route.Reach;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.route.TopologyFollower;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AcknowledgerTest {
  private static final Reach SHOP = new Reach.OfKeyspaces(Set.of("shop"));
  private static final Reach ELSEWHERE = new Reach.OfKeyspaces(Set.of("other"));
  private static final Subject FREE = Subject.of(MOVE);
  private static final Subject HELD = Subject.of(MOVE.hold());

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RouterMeters meters = new RouterMeters(registry);
  private final List<Subject> said = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final TopologyFollower follower = MovingTopology.follower(AT_REST);
  private final Admissions admissions =
      new Admissions(follower, meters, () -> false, () -> new RouteRefused("closed"));
  private final Acknowledger acknowledger =
      new Acknowledger(this::say, meters, follower.current(), "test");

  @AfterEach
  void close() {
    acknowledger.close();
  }

  @Test
  void saysEachStepOnceNothingOlderRuns() {
    Stay report = admissions.admit(ELSEWHERE, /* changes= */ false, 0);
    become(MOVE);
    become(AT_REST.next().next());
    become(MOVE);
    assertNothingIsSaid();
    report.end();
    await().untilAsserted(() -> assertThat(said).containsExactly(FREE));
  }

  @Test
  void aHoldWaitsForChangesOfItsRangesOnly() {
    become(MOVE);
    await().until(() -> said.size() == 1);
    Stay read = admissions.admit(SHOP, /* changes= */ false, 0);
    Stay elsewhere = admissions.admit(ELSEWHERE, /* changes= */ true, 0);
    Stay write = admissions.admit(SHOP, /* changes= */ true, 0);
    become(MOVE.hold());
    assertNothingMoreIsSaid();
    write.end();
    await().untilAsserted(() -> assertThat(said).containsExactly(FREE, HELD));
    become(MOVE.hold().giveUp());
    assertNothingMoreIsSaid();
    read.end();
    elsewhere.end();
    Subject givenUp = Subject.of(MOVE.hold().giveUp());
    await().untilAsserted(() -> assertThat(said).containsExactly(FREE, HELD, givenUp));
  }

  @Test
  void aHoldWaitsForEverythingThatBeganBeforeTheMoveDid() {
    Stay read = admissions.admit(ELSEWHERE, /* changes= */ false, 0);
    become(MOVE.hold());
    assertNothingIsSaid();
    read.end();
    await().untilAsserted(() -> assertThat(said).containsExactly(HELD));
  }

  @Test
  void triesAgainUntilItIsWritten() {
    failures.set(2);
    become(MOVE);
    await().untilAsserted(() -> assertThat(said).containsExactly(FREE));
    assertThat(failures).hasNegativeValue();
  }

  @Test
  void saysSoOfAMoveThatIsThereWhenItStarts() {
    Acknowledger late =
        new Acknowledger(
            this::say, meters, MovingTopology.routing(AT_REST.next().withMove(MOVE)), "late");
    try {
      await().untilAsserted(() -> assertThat(said).containsExactly(FREE));
    } finally {
      late.close();
    }
  }

  @Test
  void saysSoAfterAThreadThatCouldNotBeStarted() {
    AtomicBoolean full = new AtomicBoolean(true);
    Routing before = follower.current();
    Acknowledger starved =
        new Acknowledger(
            this::say,
            meters,
            before,
            Background.lasting(
                "starved",
                task -> {
                  if (full.get()) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  return new Thread(task);
                }));
    try {
      Admitted transaction = new Admitted();
      for (int i = 0; i < 2; i++) {
        transaction.add(admissions.admit(ELSEWHERE, /* changes= */ false, 0));
      }
      Stay last = admissions.admit(ELSEWHERE, /* changes= */ false, 0);
      assertThat(follower.offer(AT_REST.next().withMove(MOVE))).isTrue();
      starved.switchedTo(follower.current());
      transaction.end();
      transaction.end();
      full.set(false);
      last.end();
      assertThat(before.inFlight().isQuiescent()).isTrue();
      await().untilAsserted(() -> assertThat(said).containsExactly(FREE));
    } finally {
      starved.close();
    }
  }

  @Test
  void whatCloseInterruptsIsNoFailure() {
    CountDownLatch saying = new CountDownLatch(1);
    Acknowledger late =
        new Acknowledger(
            subject -> {
              saying.countDown();
              throw interrupted();
            },
            meters,
            MovingTopology.routing(AT_REST.next().withMove(MOVE)),
            "late");
    Uninterruptibles.awaitUninterruptibly(saying);
    late.close();
    assertThat(registry.find("shardwright.acknowledgement.failed").counter()).isNull();
  }

  /** As ZooKeeper's client has it: the answer never comes. */
  private static TopologyUnavailable interrupted() {
    try {
      Thread.sleep(Long.MAX_VALUE);
      throw new IllegalStateException("nobody has interrupted it");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new TopologyUnavailable("interrupted", e);
    }
  }

  private void say(Subject subject) {
    if (failures.getAndDecrement() > 0) {
      throw new TopologyUnavailable("away", null);
    }
    said.add(subject);
  }

  private void become(RangeMove move) {
    become(follower.current().topology().next().withMove(move));
  }

  private void become(Topology next) {
    assertThat(follower.offer(next)).isTrue();
    acknowledger.switchedTo(follower.current());
  }

  private void assertNothingIsSaid() {
    settle();
    assertThat(said).isEmpty();
  }

  private void assertNothingMoreIsSaid() {
    int before = said.size();
    settle();
    assertThat(said).hasSize(before);
  }

  /** Lets it look: it does so each time that work under an older snapshot ends. */
  private void settle() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

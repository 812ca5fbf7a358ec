package dev.shardwright.router.internal.route;

import static dev.shardwright.router.internal.moves.MovingTopology.AT_REST;
import static dev.shardwright.router.internal.moves.MovingTopology.MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Background;
import dev.shardwright.router.RangeMoved;
import dev.shardwright.router.RouteRefused;
import dev.shardwright.router.internal.metrics.RouterMeters;
import dev.shardwright.router.internal.moves.MovingTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AdmissionsTest {
  private static final long LONG = TimeUnit.MINUTES.toNanos(1);
  private static final Reach SHOP = new Reach.OfKeyspaces(Set.of("shop"));

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TopologyFollower follower = MovingTopology.follower(AT_REST.next().withMove(MOVE));
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Admissions admissions =
      new Admissions(
          follower,
          new RouterMeters(registry),
          closed::get,
          () -> new RouteRefused("the router is closed", null));

  @Test
  void heldWorkGoesOnUnderTheSnapshotThatReleasesIt() throws Exception {
    become(MOVE.hold());
    CompletableFuture<Stay> waiting =
        Background.supply(() -> admissions.admit(key(true), /* changes= */ false, LONG));
    await().until(AdmissionsTest::somebodyWaits);
    assertThat(waiting).isNotDone();
    follower.offer(follower.current().topology().next().withOwnerOf(MOVE.hold().commit()));
    Stay stay = waiting.get(10, TimeUnit.SECONDS);
    assertThat(stay.routing()).isSameAs(follower.current());
    assertThat(stay.waitedNanos()).isPositive();
    Stay later = admissions.admit(key(true), /* changes= */ false, LONG);
    assertThat(later.waitedNanos()).as("of who did not wait").isZero();
    later.end();
    assertThat(key(true).in(stay.routing()).shard()).isEqualTo(ShardId.of("s2"));
    assertThat(registry.get("shardwright.hold").tag("keyspace", "shop").timer().count())
        .isEqualTo(1);
  }

  @Test
  void countsWhoWaitedRightWhereTheWaitCannotBeMeasured() throws Exception {
    registry
        .config()
        .meterFilter(
            new MeterFilter() {
              @Override
              public Meter.Id map(Meter.Id id) {
                throw new IllegalStateException("thrown by a filter");
              }
            });
    become(MOVE.hold());
    CompletableFuture<Stay> waiting =
        Background.supply(() -> admissions.admit(key(true), /* changes= */ false, LONG));
    await().until(AdmissionsTest::somebodyWaits);
    follower.offer(follower.current().topology().next().withOwnerOf(MOVE.hold().commit()));
    waiting.get(10, TimeUnit.SECONDS).end();
    assertThat(follower.current().inFlight().isQuiescent()).isTrue();
  }

  private static boolean somebodyWaits() {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Stream::of)
        .anyMatch(frame -> frame.getMethodName().equals("awaitOther"));
  }

  @Test
  void otherKeysAndWorkThatHasBegunDoNotWait() {
    become(MOVE.hold());
    admissions.admit(key(false), /* changes= */ true, 0).end();
    Stay whole = admissions.admit(new Reach.OfKeyspaces(Set.of("other")), /* changes= */ true, 0);
    admissions.admit(key(true).begun(whole), /* changes= */ true, 0).end();
    whole.end();
    admissions.admit(new Reach.OfKeyspaces(Set.of("other")), /* changes= */ true, 0).end();
    assertThat(follower.current().inFlight().isQuiescent()).isTrue();
  }

  @Test
  void workOnAllRowsWaitsToo() {
    become(MOVE.hold());
    assertThatThrownBy(() -> admissions.admit(SHOP, /* changes= */ false, 1))
        .isInstanceOf(RangeMoved.class)
        .hasMessageContaining("keyspace shop")
        .hasMessageContaining("from shard s1 to shard s2");
  }

  @Test
  void nobodyWaitsForAHoldOfARouterThatClosesOrIsSentWhereTheRowsWere() {
    become(MOVE.hold());
    CompletableFuture<Stay> waiting =
        Background.supply(() -> admissions.admit(key(true), /* changes= */ false, LONG));
    closed.set(true);
    // It may not wait yet when it is woken for the first time.
    while (!waiting.isDone()) {
      follower.wake();
      LockSupport.parkNanos(1_000);
    }
    assertThatThrownBy(waiting::get).hasCauseInstanceOf(RouteRefused.class);
    assertThatThrownBy(() -> admissions.admit(key(true), /* changes= */ true, LONG))
        .isInstanceOf(RouteRefused.class);
    assertThat(follower.current().inFlight().isQuiescent()).isTrue();
  }

  @Test
  void aTransactionGoesOnWithRowsThatItHasChangedAndNotWithOthersThatAreHeld() {
    Admitted changing = new Admitted();
    changing.add(admissions.admit(key(true), /* changes= */ true, 0));
    Admitted other = new Admitted();
    other.add(admissions.admit(key(false), /* changes= */ true, 0));
    become(MOVE.hold());
    assertThat(admissions.extend(changing, key(true))).isTrue();
    assertThat(admissions.extend(other, key(false))).isTrue();
    assertThat(admissions.extend(other, key(true))).isFalse();
  }

  @Test
  void aTransactionCountsFromWhenItComesToMovingRows() {
    Admitted transaction = new Admitted();
    transaction.add(admissions.admit(key(false), /* changes= */ true, 0));
    InFlight changes = follower.current().moves().all().get(0).changes();
    assertThat(changes.isQuiescent()).isTrue();
    assertThat(admissions.extend(transaction, key(true))).isTrue();
    assertThat(changes.isQuiescent()).isFalse();
    transaction.end();
    assertThat(changes.isQuiescent()).isTrue();
    assertThat(follower.current().inFlight().isQuiescent()).isTrue();
  }

  private void become(RangeMove move) {
    assertThat(follower.offer(follower.current().topology().next().withMove(move))).isTrue();
  }

  /** A key whose rows move, or not. */
  private Target key(boolean moves) {
    KeyspaceRouting shop = follower.current().keyspace("shop");
    long key =
        LongStream.range(0, 1_000)
            .filter(each -> MOVE.ranges().contains(shop.tokenOf(each)) == moves)
            .findFirst()
            .orElseThrow();
    return new Target.OfKey("shop", Region.ALL, key);
  }
}

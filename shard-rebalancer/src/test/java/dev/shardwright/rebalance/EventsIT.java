package dev.shardwright.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.watch.MigrationEvent;
import dev.shardwright.rebalance.watch.MigrationEvent.ChangedHands;
import dev.shardwright.rebalance.watch.MigrationEvent.ObstacleMet;
import dev.shardwright.rebalance.watch.MigrationEvent.Rested;
import dev.shardwright.rebalance.watch.MigrationEvent.StateEntered;
import dev.shardwright.rebalance.watch.MigrationEvent.TakenOver;
import dev.shardwright.rebalance.watch.MigrationEvent.WorkFailed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
@Tag("slow")
class EventsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final List<MigrationEvent> told = new CopyOnWriteArrayList<>();
  private LiveCluster cluster;

  @BeforeEach
  void setUp() throws Exception {
    cluster = new LiveCluster(500);
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  @Test
  void theLeaderTellsEachStateAndHowLongWorkWaited() throws Exception {
    MigrationStatus done;
    try (Rebalancer rebalancer = cluster.rebalancer(cluster.options().withListener(told::add))) {
      int number = start(rebalancer, Duration.ZERO);
      rebalancer.campaign("one");
      done = until(rebalancer, number, "DONE");
    }
    assertThat(told).allMatch(event -> event.migration() == done.number());
    assertThat(told.get(0)).isInstanceOf(TakenOver.class);
    assertThat(states())
        .containsExactly(
            "REGISTERING",
            "PREPARING",
            "INSTALLING",
            "COPYING",
            "CATCHING_UP",
            "VERIFYING",
            "CATCHING_UP",
            "CUTTING_OVER",
            "IN_WINDOW",
            "CLEANING_UP",
            "DONE");
    assertThat(of(ChangedHands.class))
        .singleElement()
        .satisfies(
            changed -> {
              assertThat(changed.from()).isEqualTo(done.transfer().source());
              assertThat(changed.to()).isEqualTo(done.transfer().target());
              assertThat(changed.pause()).isPresent().isEqualTo(done.lastPause());
            });
  }

  @Test
  void aListenerThatNeverReturnsHoldsUpNothing() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Rebalancer rebalancer =
        cluster.rebalancer(
            cluster
                .options()
                .withListener(
                    event -> {
                      told.add(event);
                      try {
                        never.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    }))) {
      int number = start(rebalancer, Duration.ZERO);
      rebalancer.campaign("one");
      until(rebalancer, number, "DONE");
      assertThat(told).hasSize(1);
    }
  }

  @Test
  void theNextLeaderTellsThatItGoesOnAndWhereTo() throws Exception {
    int number;
    try (Rebalancer first = cluster.rebalancer(cluster.options().withListener(told::add))) {
      number = start(first, Duration.ofMinutes(10));
      first.campaign("first");
      until(first, number, "IN_WINDOW");
    }
    long token = of(TakenOver.class).get(0).token();
    told.clear();
    try (Rebalancer second = cluster.rebalancer(cluster.options().withListener(told::add))) {
      second.campaign("second");
      await().until(() -> !told.isEmpty());
      second.rollBack(number);
      until(second, number, "DONE");
    }
    assertThat(of(TakenOver.class))
        .singleElement()
        .satisfies(
            taken -> {
              assertThat(taken.state()).isEqualTo("IN_WINDOW");
              assertThat(taken.token()).isGreaterThan(token);
            });
    assertThat(of(ChangedHands.class).get(0).to().value()).isEqualTo("s-1");
    assertThat(states())
        .containsExactly(
            "CATCHING_UP", "VERIFYING", "CATCHING_UP", "CUTTING_OVER", "CLEANING_UP", "DONE");
  }

  @Test
  void howLongWorkWaitedIsToldAlsoIfTheOpeningFailed() throws Exception {
    cluster.execute(
        "s-2",
        """
        alter function shardwright.advance(int4, int8) rename to advance_as_ever;
        create function shardwright.advance(migration int4, value int8) returns int8
          language plpgsql as $$
        begin
          if value > 0 then
            raise exception 'out of order';
          end if;
          return shardwright.advance_as_ever(migration, value);
        end $$;
        """);
    MigrationStatus done;
    try (Rebalancer rebalancer = cluster.rebalancer(cluster.options().withListener(told::add))) {
      int number = start(rebalancer, Duration.ZERO);
      rebalancer.campaign("one");
      done = until(rebalancer, number, "DONE");
    }
    assertThat(of(WorkFailed.class))
        .anySatisfy(failed -> assertThat(failed.reason()).contains("out of order"));
    assertThat(of(ChangedHands.class))
        .singleElement()
        .satisfies(
            changed -> {
              assertThat(changed.pause()).isPresent().isEqualTo(done.lastPause());
              assertThat(changed.pause().orElseThrow().open()).isPositive();
            });
  }

  @Test
  void thatItRestsIsTold() throws Exception {
    try (Rebalancer rebalancer = cluster.rebalancer(cluster.options().withListener(told::add))) {
      int number = start(rebalancer, Duration.ZERO);
      rebalancer.pause(number);
      rebalancer.campaign("one");
      await().until(() -> !of(Rested.class).isEmpty());
      rebalancer.resume(number);
      until(rebalancer, number, "DONE");
      assertThat(of(Rested.class)).containsExactly(new Rested(number, "bank", "PLANNED", "paused"));
    }
  }

  @Test
  void whatIsInTheWayIsTold() throws Exception {
    try (Rebalancer rebalancer = cluster.rebalancer(cluster.options().withListener(told::add))) {
      int number = start(rebalancer, Duration.ZERO);
      cluster.execute("s-2", "drop table entry");
      rebalancer.campaign("one");
      until(rebalancer, number, "ABORTED");
    }
    assertThat(of(ObstacleMet.class))
        .singleElement()
        .satisfies(
            obstacle -> {
              assertThat(obstacle.state()).isEqualTo("PLANNED");
              assertThat(obstacle.reason()).contains("shard s-2 has no table public.entry");
              assertThat(obstacle.isTrouble()).isTrue();
            });
    assertThat(states()).containsExactly("ABORTED");
  }

  private List<String> states() {
    return of(StateEntered.class).stream().map(StateEntered::state).toList();
  }

  private <T extends MigrationEvent> List<T> of(Class<T> kind) {
    return told.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private static int start(Rebalancer rebalancer, Duration window) {
    RebalancePlan plan = rebalancer.plan(RebalanceRequest.Balance.by(Goal.TOKENS));
    MoveOptions options = new MoveOptions(window, Long.MAX_VALUE, 2, Duration.ofSeconds(1));
    return rebalancer.start(plan, options).get(0);
  }

  private static MigrationStatus until(Rebalancer rebalancer, int number, String state)
      throws Exception {
    return rebalancer.await(number, status -> status.state().equals(state), PATIENCE);
  }
}

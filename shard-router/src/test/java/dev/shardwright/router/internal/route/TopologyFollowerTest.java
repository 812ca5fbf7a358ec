package dev.shardwright.router.internal.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.router.Background;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TopologyFollowerTest {
  private final Topology first = Topology.INITIAL;
  private final Topology second = first.next();
  private final Topology third = second.next();
  private final TopologyFollower follower =
      new TopologyFollower(
          second,
          topology ->
              new Routing(
                  topology,
                  (keyspace, shard) -> {
                    throw new AssertionError("there are no shards");
                  }));

  @Test
  void keepsTheNewerAndNeverGoesBack() {
    assertThat(follower.offer(first)).isFalse();
    assertThat(follower.offer(second)).isFalse();
    assertThat(follower.current().epoch()).isEqualTo(second.epoch());
    assertThat(follower.offer(third)).isTrue();
    assertThat(follower.offer(second)).isFalse();
    assertThat(follower.current().epoch()).isEqualTo(third.epoch());
  }

  @Test
  void waitsForAnEpochAndNoLongerThanAsked() throws Exception {
    assertThat(follower.await(Epoch.NONE, 0, () -> false)).as("is there").isTrue();
    assertThat(follower.await(second.epoch(), 0, () -> false)).as("is there").isTrue();
    assertThat(follower.await(third.epoch(), Duration.ofMillis(20).toNanos(), () -> false))
        .isFalse();
    CompletableFuture<Boolean> waiting =
        Background.supply(
            () -> follower.await(third.epoch(), Duration.ofSeconds(10).toNanos(), () -> false));
    await().until(TopologyFollowerTest::somebodyWaits);
    follower.offer(third);
    assertThat(waiting.get(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void stopsWaitingWhenInterrupted() throws Exception {
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread waiter =
        new Thread(
            () -> {
              boolean there =
                  follower.await(third.epoch(), Duration.ofMinutes(1).toNanos(), () -> false);
              flag.complete(!there && Thread.currentThread().isInterrupted());
            });
    waiter.start();
    await().until(TopologyFollowerTest::somebodyWaits);
    waiter.interrupt();
    assertThat(flag.get(30, TimeUnit.SECONDS)).as("the flag is kept").isTrue();
    waiter.join(30_000);
  }

  private static boolean somebodyWaits() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> entry.getKey().getState() == Thread.State.TIMED_WAITING)
        .flatMap(entry -> Stream.of(entry.getValue()))
        .anyMatch(frame -> frame.getClassName().endsWith(".TopologyFollower"));
  }
}

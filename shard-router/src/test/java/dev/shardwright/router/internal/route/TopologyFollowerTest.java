package dev.shardwright.router.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.Background;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.Topology;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    follower.offer(third);
    assertThat(waiting.get(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void stopsWaitingWhenInterrupted() {
    Thread.currentThread().interrupt();
    assertThat(follower.await(third.epoch(), Duration.ofSeconds(10).toNanos(), () -> false))
        .isFalse();
    assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
  }
}

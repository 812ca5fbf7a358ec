package dev.shardwright.router.internal.scatter.fanout;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.MoreExecutors;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.ShardUnavailable;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FanOutTest {
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stop() {
    Thread.interrupted();
    clock.shutdownNow();
  }

  /** As where all workers are busy, and whoever brings work has to do it. */
  @Test
  void aCallerThatRunsAllPartsIsSeenToBeInterrupted() {
    Cancellation cancellation = new Cancellation(Runnable::run, clock);
    FanOut<ShardId> parts =
        new FanOut<>(
            List.of(ShardId.of("s1"), ShardId.of("s2")),
            shard -> {
              Thread.currentThread().interrupt();
              awaitStopped(cancellation);
              return shard;
            },
            rows -> {},
            MissingShards.FAIL,
            cancellation);
    assertThatThrownBy(
            () ->
                parts.runHere(
                    MoreExecutors.newDirectExecutorService(), 2, new InterruptWatch(clock)))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageContaining("interrupted");
  }

  @Test
  void whoeverIsInterruptedGetsNoPartOfTheAnswer() {
    Cancellation cancellation = new Cancellation(Runnable::run, clock);
    FanOut<ShardId> parts =
        new FanOut<>(
            List.of(ShardId.of("s1"), ShardId.of("s2")),
            shard -> {
              if (shard.equals(ShardId.of("s2"))) {
                Thread.currentThread().interrupt();
                awaitStopped(cancellation);
                throw new ShardUnavailable("ended with the others", null);
              }
              return shard;
            },
            rows -> {},
            MissingShards.NAME,
            cancellation);
    assertThatThrownBy(
            () ->
                parts.runHere(
                    MoreExecutors.newDirectExecutorService(), 2, new InterruptWatch(clock)))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageContaining("interrupted");
  }

  /** Elsewhere, since the waiting would be interrupted here. */
  private static void awaitStopped(Cancellation cancellation) {
    Thread other = new Thread(() -> await().until(cancellation::isStopped));
    other.start();
    while (other.isAlive()) {
      Thread.onSpinWait();
    }
  }
}

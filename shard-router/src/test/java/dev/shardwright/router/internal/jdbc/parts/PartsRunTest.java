package dev.shardwright.router.internal.jdbc.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.Background;
import dev.shardwright.router.internal.jdbc.statement.Running;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartsRunTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void stop() {
    released.countDown();
    workers.shutdownNow();
  }

  @Test
  void waitsForTheOthersWhereAPartBreaksAndTellsOfEach() throws Exception {
    PartsRun.Part<String> breaks =
        () -> {
          await(begun);
          throw new StackOverflowError();
        };
    PartsRun.Part<String> goesOn =
        () -> {
          begun.countDown();
          await(released);
          return "done";
        };
    PartsRun<String> run = new PartsRun<>(List.of(breaks, goesOn), new Running());
    CompletableFuture<List<PartEnd<String>>> ends =
        Background.supply(() -> run.run(workers, DEADLINE));
    assertThatThrownBy(() -> ends.get(500, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    released.countDown();
    assertThat(ends.get(10, TimeUnit.SECONDS))
        .extracting(PartEnd::fate)
        .containsExactly(PartEnd.Fate.UNKNOWN, PartEnd.Fate.DONE);
    assertThat((Throwable) ends.join().get(0).failure())
        .hasCauseInstanceOf(StackOverflowError.class);
  }

  @Test
  void carriesAllOutThoughNoThreadCanBeHad() {
    ExecutorService none =
        Executors.newCachedThreadPool(
            work -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    PartsRun<String> run = new PartsRun<>(List.of(() -> "one", () -> "two"), new Running());
    assertThat(run.run(none, DEADLINE))
        .extracting(PartEnd::fate)
        .containsExactly(PartEnd.Fate.DONE, PartEnd.Fate.DONE);
    none.shutdownNow();
  }

  /** What comes after it in the same batch is not to fail for that. */
  @Test
  void aDeadlineEndsWhatRunsAndIsNoWishToCancelTheStatement() {
    Running running = new Running();
    running.begin();
    PartsRun.Part<String> slow =
        () -> {
          running.begin(released::countDown);
          await(released);
          return "done";
        };
    PartsRun<String> run = new PartsRun<>(List.of(slow, slow), running);
    assertThat(run.run(workers, Duration.ofMillis(200))).hasSize(2);
    assertThat(running.isCancelled()).isFalse();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

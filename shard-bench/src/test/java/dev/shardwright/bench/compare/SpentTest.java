package dev.shardwright.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SpentTest {
  private static final int BYTES = 10_000_000;

  @Test
  void countsWhatOtherThreadsAllocateAlsoThoseThatAreNew() throws Exception {
    ExecutorService worker = Executors.newSingleThreadExecutor();
    try {
      Spent.Meter sinceBefore = new Spent.Meter();
      assertThat(worker.submit(() -> new byte[BYTES].length).get()).isEqualTo(BYTES);
      Spent.Meter sinceBetween = new Spent.Meter();
      assertThat(worker.submit(() -> new byte[2 * BYTES].length).get()).isEqualTo(2 * BYTES);
      assertThat(sinceBefore.spent().bytes()).isGreaterThanOrEqualTo(3 * BYTES);
      assertThat(sinceBetween.spent().bytes()).isBetween(2L * BYTES, 3L * BYTES);
    } finally {
      worker.shutdownNow();
    }
  }
}

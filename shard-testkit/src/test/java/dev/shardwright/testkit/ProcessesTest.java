package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ProcessesTest {
  @Test
  void endsWhatItRunsWhenItIsInterrupted() {
    String seconds = "61.25";
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> Processes.run(List.of("sleep", seconds), Duration.ofSeconds(60)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(ProcessHandle.current().children())
        .noneMatch(child -> child.info().commandLine().orElse("").contains(seconds));
  }

  /**
   * From JDK 25 on the common pool completes what a process gives, on two processors by one thread.
   */
  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void endsAlsoWhileTheCommonPoolWaitsForIt() {
    Semaphore over = new Semaphore(0);
    int threads = ForkJoinPool.getCommonPoolParallelism();
    for (int i = 0; i < threads; i++) {
      ForkJoinPool.commonPool().execute(over::acquireUninterruptibly);
    }
    try {
      assertThat(Processes.run(List.of("echo", "done"), Duration.ofSeconds(10))).isEqualTo("done");
    } finally {
      over.release(threads);
    }
  }
}

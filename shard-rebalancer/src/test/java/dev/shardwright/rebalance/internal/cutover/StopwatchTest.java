package dev.shardwright.rebalance.internal.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.migration.CutoverStep;
import dev.shardwright.rebalance.watch.CutoverPause;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  @Test
  void leavesOutWhatWasPutInOrderBeforeTheHold() {
    Stopwatch stopwatch = new Stopwatch();
    stopwatch.did(CutoverStep.OPEN);
    long began = System.nanoTime();
    stopwatch.start();
    stopwatch.did(CutoverStep.COMMIT);
    assertThat(stopwatch.pause()).as("not over").isEmpty();
    stopwatch.stop();
    CutoverPause pause = stopwatch.pause().orElseThrow();
    assertThat(pause.commit()).isPositive();
    assertThat(pause.total().toNanos()).isLessThanOrEqualTo(System.nanoTime() - began);
    assertThat(pause.total()).isEqualTo(pause.commit().plus(pause.open()));
  }

  @Test
  void stopsOnceAndOnlyIfItWasStarted() {
    Stopwatch stopwatch = new Stopwatch();
    stopwatch.stop();
    assertThat(stopwatch.pause()).isEmpty();
    stopwatch.start();
    stopwatch.stop();
    Optional<CutoverPause> pause = stopwatch.pause();
    assertThat(pause).isPresent();
    stopwatch.stop();
    assertThat(stopwatch.pause()).isEqualTo(pause);
    stopwatch.start();
    assertThat(stopwatch.pause()).as("of another attempt").isEmpty();
  }
}

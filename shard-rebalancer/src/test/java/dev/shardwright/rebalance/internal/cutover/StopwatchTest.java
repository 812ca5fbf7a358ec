package dev.shardwright.rebalance.internal.cutover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.migration.CutoverStep;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  @Test
  void leavesOutWhatWasPutInOrderBeforeTheHold() {
    Stopwatch stopwatch = new Stopwatch();
    stopwatch.did(CutoverStep.OPEN);
    stopwatch.start();
    stopwatch.did(CutoverStep.COMMIT);
    assertThat(stopwatch.pause().open()).isZero();
    assertThat(stopwatch.pause().total()).isEqualTo(stopwatch.pause().commit()).isPositive();
  }
}

package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CopyRateTest {
  private static final long BEGAN = 7;
  private static final CopyRate RATE = new CopyRate(1_000, BEGAN);

  @Test
  void isOfWhatThisLeaderHasCopied() {
    assertThat(RATE.at(after(10), 3_000, Duration.ZERO)).isEqualTo(200);
    assertThat(RATE.at(after(10), 1_000, Duration.ZERO)).isZero();
  }

  @Test
  void isTheSameAfterAPause() {
    assertThat(RATE.at(after(3_610), 3_000, Duration.ofHours(1))).isEqualTo(200);
  }

  private static long after(long seconds) {
    return BEGAN + Duration.ofSeconds(seconds).toNanos();
  }
}

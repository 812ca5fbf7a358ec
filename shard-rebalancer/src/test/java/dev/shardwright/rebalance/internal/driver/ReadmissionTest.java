package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadmissionTest {
  @Test
  void eachOfAFewShardsIsLookedAtEveryTwoSeconds() {
    assertThat(Readmission.pauseAfterEachOf(1)).isEqualTo(Duration.ofSeconds(2));
    assertThat(Readmission.pauseAfterEachOf(4)).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void manyShardsAreLookedAtFiftyASecond() {
    assertThat(Readmission.pauseAfterEachOf(100)).isEqualTo(Duration.ofMillis(20));
    assertThat(Readmission.pauseAfterEachOf(1_000)).isEqualTo(Duration.ofMillis(20));
  }
}

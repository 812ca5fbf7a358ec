package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final Pace pace = new Pace(new Random(1));

  @Test
  void isSlowerWithEachFailureUpToABound() {
    assertThat(pace.afterFailure()).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    assertThat(pace.afterFailure()).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
    for (int i = 0; i < 100; i++) {
      assertThat(pace.afterFailure()).isLessThanOrEqualTo(Duration.ofSeconds(15));
    }
    assertThat(pace.afterFailure()).isGreaterThanOrEqualTo(Duration.ofMillis(7_500));
    pace.wentWell();
    assertThat(pace.afterFailure()).isLessThanOrEqualTo(Duration.ofMillis(100));
  }

  @Test
  void isSlowerWhileOthersAreWaitedForUpToARest() {
    assertThat(pace.beforeMore(true)).isEqualTo(Duration.ofMillis(100));
    assertThat(pace.beforeMore(true)).isEqualTo(Duration.ofMillis(200));
    assertThat(pace.beforeMore(true)).isEqualTo(Duration.ofMillis(400));
    assertThat(pace.beforeMore(true)).isEqualTo(Pace.REST);
    assertThat(pace.beforeMore(true)).isEqualTo(Pace.REST);
    assertThat(pace.beforeMore(false)).isEqualTo(Duration.ofMillis(50));
    assertThat(pace.beforeMore(true)).isEqualTo(Duration.ofMillis(100));
    pace.completed();
    assertThat(pace.beforeMore(true)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void doesNotKeepStepWithWhatIsInTheWay() {
    for (int i = 0; i < 100; i++) {
      assertThat(pace.afterAttempt()).isBetween(Duration.ofMillis(50), Duration.ofMillis(200));
    }
  }
}

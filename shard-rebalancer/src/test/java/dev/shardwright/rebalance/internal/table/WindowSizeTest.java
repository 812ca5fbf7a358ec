package dev.shardwright.rebalance.internal.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WindowSizeTest {
  private static final long MILLI = 1_000_000;

  private final WindowSize size = new WindowSize(Duration.ofMillis(100), 1 << 20);

  @Test
  void growsAndShrinksTowardsTheWantedTimeInBoundedSteps() {
    int first = size.rows();
    size.learn(50 * MILLI, 0);
    assertThat(size.rows()).isEqualTo(2 * first);
    size.learn(1, 0);
    assertThat(size.rows()).isEqualTo(8 * first);
    size.learn(100_000 * MILLI, 0);
    assertThat(size.rows()).isEqualTo(2 * first);
  }

  @Test
  void beginsSmallWhereFewBytesAreWanted() {
    assertThat(new WindowSize(Duration.ofMillis(100), 5_000_000_000L).rows()).isEqualTo(2_000);
    assertThat(new WindowSize(Duration.ofMillis(100), 50_000).rows()).isEqualTo(48);
    assertThat(new WindowSize(Duration.ofMillis(100), 1).rows()).isEqualTo(10);
  }

  @Test
  void keepsToTheBytesThatAreWanted() {
    int first = size.rows();
    size.learn(10 * MILLI, 2 << 20);
    assertThat(size.rows()).isEqualTo(first / 2);
  }

  @Test
  void staysWithinItsBounds() {
    for (int i = 0; i < 20; i++) {
      size.learn(Long.MAX_VALUE, Long.MAX_VALUE);
    }
    assertThat(size.rows()).isEqualTo(10);
    for (int i = 0; i < 20; i++) {
      size.learn(0, 0);
    }
    assertThat(size.rows()).isEqualTo(1_000_000);
  }
}

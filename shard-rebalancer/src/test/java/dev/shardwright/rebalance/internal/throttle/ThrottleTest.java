package dev.shardwright.rebalance.internal.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private static final Duration OFTEN = Duration.ofMillis(1);

  @Test
  void letsNoMorePassThanItsRate() throws Exception {
    Throttle throttle = new Throttle(1_000, List.of(), OFTEN);
    long began = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      throttle.moved(20);
      throttle.await();
    }
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(100_000_000);
  }

  @Test
  void waitsUntilNoSignalAsksForIt() throws Exception {
    Deque<Optional<String>> answers =
        new ArrayDeque<>(List.of(Optional.of("busy"), Optional.of("busy still"), Optional.empty()));
    Throttle throttle = new Throttle(Long.MAX_VALUE, List.of(answers::pop), OFTEN);
    throttle.await();
    assertThat(answers).isEmpty();
  }

  @Test
  void tellsHowLongSignalsHaveMadeItRest() throws Exception {
    AtomicLong clock = new AtomicLong();
    Deque<Optional<String>> answers =
        new ArrayDeque<>(
            List.of(Optional.empty(), Optional.of("busy"), Optional.of("still"), Optional.empty()));
    Signal tenSeconds =
        () -> {
          clock.addAndGet(Duration.ofSeconds(10).toNanos());
          return answers.pop();
        };
    Throttle throttle = new Throttle(Long.MAX_VALUE, List.of(tenSeconds), OFTEN, ticking(clock));
    throttle.await();
    assertThat(throttle.rested()).isZero();
    throttle.await();
    assertThat(answers).isEmpty();
    clock.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(throttle.rested().toSeconds()).isEqualTo(20);
  }

  /** A little at each look, so that every look is often enough. */
  private static Ticker ticking(AtomicLong clock) {
    return new Ticker() {
      @Override
      public long read() {
        return clock.addAndGet(OFTEN.toNanos());
      }
    };
  }

  @Test
  void keepsSpansWithinAQuarterOfASecond() {
    assertThat(new Throttle(1_000, List.of(), OFTEN).burst(8_000)).isEqualTo(250);
    assertThat(Throttle.none().burst(8_000)).isEqualTo(8_000);
  }

  @Test
  void refusesARateOfNothing() {
    assertThatThrownBy(() -> new Throttle(0, List.of(), OFTEN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1");
  }
}

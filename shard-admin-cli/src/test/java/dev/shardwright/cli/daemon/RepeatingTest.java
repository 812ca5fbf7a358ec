package dev.shardwright.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RepeatingTest {
  @Test
  void goesOnAfterATurnThatFailedInWhateverWay() throws Exception {
    CountDownLatch turns = new CountDownLatch(3);
    Repeating repeating =
        Repeating.start(
            "repeating-test",
            Duration.ofMillis(1),
            () -> {
              turns.countDown();
              if (turns.getCount() == 2) {
                throw new IllegalStateException("not expected");
              } else if (turns.getCount() == 1) {
                throw new OutOfMemoryError("no room");
              }
            });
    try {
      assertThat(turns.await(60, TimeUnit.SECONDS)).as("there is a third turn").isTrue();
    } finally {
      repeating.close();
    }
  }
}

package dev.shardwright.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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

  @Test
  void aTurnThatIsInterruptedByTheEndIsNoError() throws Exception {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      CountDownLatch begun = new CountDownLatch(1);
      Repeating repeating =
          Repeating.start(
              "repeating-test",
              Duration.ofMillis(1),
              () -> {
                begun.countDown();
                throw interrupted();
              });
      begun.await();
      repeating.close();
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("[repeating-test]");
  }

  /** As PostgreSQL's driver has it while it connects. */
  private static RuntimeException interrupted() {
    try {
      Thread.sleep(Long.MAX_VALUE);
      throw new IllegalStateException("nobody has interrupted it");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new IllegalStateException("interrupted", e);
    }
  }
}

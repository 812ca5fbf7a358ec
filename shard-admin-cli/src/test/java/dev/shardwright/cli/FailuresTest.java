package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.router.UnknownOutcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private static final String AGAIN = "interrupted. To go on run the same command again";
  private static final String PARTS = "carried out and committed on the shards [s1]; not tried on";

  /** The same command would do twice what was carried out. */
  @Test
  void anInterruptedWriteThatMayHaveChangedRowsIsToldAndNotToBeRunAgain() {
    for (Exception failure :
        List.of(
            new SQLException(PARTS, "SW206"),
            new SQLException(PARTS, "SW205"),
            new SQLException(PARTS, "08007"),
            new UnknownOutcome(PARTS, null),
            new NotDone("broken", new SQLException(PARTS, "08007")),
            new SQLException(PARTS, "SW206", new InterruptedException()))) {
      assertThat(interrupted(failure))
          .as("%s", failure)
          .startsWith("shard-admin: " + PARTS)
          .contains("\nshard-admin: interrupted. Look at the rows")
          .doesNotContain(AGAIN);
    }
  }

  @Test
  void whatChangedNothingIsRunAgain() {
    for (Exception failure :
        List.of(
            new InterruptedException(),
            new SQLException("canceling statement due to user request", "57014"),
            new SQLException("without a state"))) {
      assertThat(interrupted(failure)).as("%s", failure).isEqualTo("shard-admin: " + AGAIN + "\n");
    }
  }

  private static String interrupted(Exception failure) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Failures failures = new Failures(new PrintStream(err, true, StandardCharsets.UTF_8));
    Thread.currentThread().interrupt();
    assertThat(failures.of(failure, false)).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(Thread.interrupted()).as("it is dealt with").isFalse();
    return err.toString(StandardCharsets.UTF_8);
  }
}

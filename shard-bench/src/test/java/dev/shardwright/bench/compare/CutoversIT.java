package dev.shardwright.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class CutoversIT {
  private static final int ACCOUNTS = 20_000;

  @Test
  void measuresThePauseWithAndWithoutABulkLoad() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Cutovers.run(
        ACCOUNTS,
        1,
        2,
        Duration.ofSeconds(1),
        new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .containsPattern("1 cutovers beside nothing: 2 writers, \\d+ attempts, 0 statements failed")
        .containsPattern("\\d+ statements waited, in [01] of the moves")
        .containsPattern("1 cutovers beside a bulk load: 2 writers, .* 0 statements failed")
        .containsPattern("\\| - drain +\\|");
  }

  @Test
  void measuresWhatAServiceGetsDoneMeanwhile() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Foreground.run(
        ACCOUNTS,
        Duration.ofMillis(500),
        1,
        100_000,
        2,
        new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("during a move at 100000 kB/s")
        .containsPattern("1 rounds, 1,[0-3]\\d{2} rows moved, 0 statements failed");
  }
}

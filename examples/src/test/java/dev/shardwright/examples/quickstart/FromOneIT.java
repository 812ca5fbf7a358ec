package dev.shardwright.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class FromOneIT {
  @Test
  void onePostgresBecomesThreeShardsUnderTraffic() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int code =
        Quickstart.run(
            List.of("--from-one", "--users", "500", "--seconds", "1", "--threads", "2"),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err);
    String printed = out.toString(StandardCharsets.UTF_8);
    assertThat(code).as(printed).isZero();
    assertThat(printed)
        .contains("it owns every key, no row was touched")
        .containsPattern("RESULT rows=2750 rejected=0 lost=0 doubled=0 failed=0 skew=1\\.")
        .containsPattern("moved_rows=[1-9]\\d{2,} ")
        .containsPattern("skew_before=3\\.000");
  }
}

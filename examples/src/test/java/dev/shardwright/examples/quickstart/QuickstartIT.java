package dev.shardwright.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuickstartIT {

  @Test
  void loadsWorksAndFindsEveryRowOnce() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int code =
        Quickstart.run(
            List.of("--users", "200", "--seconds", "1", "--threads", "2"),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err);
    String printed = out.toString(StandardCharsets.UTF_8);
    assertThat(code).as(printed).isZero();
    assertThat(printed)
        .containsPattern("country +orders +amount +average\\n +\\w.* [1-9][0-9.]*\\n");
    assertThat(printed.lines().reduce((before, line) -> line).orElse(""))
        .matches(
            "RESULT rows=[1-9]\\d* rejected=0 lost=0 doubled=0 failed=0 skew=\\d\\.\\d+"
                + " ops_per_s=[1-9]\\d* p50_ms=[0-9.]+ p99_ms=[0-9.]+"
                + " moved_rows=[1-9]\\d* pause_ms=[0-9.]+ skew_before=1\\.[0-9]+");
  }

  @Test
  void explainsItself() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(Quickstart.run(List.of("--help"), new PrintStream(out), System.err)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("--data DIR");
  }

  @Test
  void refusesWrongUsage() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertThat(Quickstart.run(List.of("--users", "none"), System.out, new PrintStream(err)))
        .isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("--users takes a whole number");
  }
}

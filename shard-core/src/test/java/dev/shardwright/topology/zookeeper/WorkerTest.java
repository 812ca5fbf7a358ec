package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WorkerTest {
  @Test
  void logsTheErrorOfATask() {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Worker worker = new Worker("at-work")) {
      worker.execute(
          () -> {
            throw new NoClassDefFoundError("not/There");
          });
      assertThat(worker.end()).isTrue();
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(StandardCharsets.UTF_8))
        .contains("A task of at-work failed", "not/There");
  }
}

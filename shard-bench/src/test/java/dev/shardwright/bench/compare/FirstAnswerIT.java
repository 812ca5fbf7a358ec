package dev.shardwright.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FirstAnswerIT {
  @Test
  void measuresARoutersStartBesideThatOfAPool() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    FirstAnswer.run(1, 0, new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .containsPattern("\\| HikariCP \\+ pgjdbc, one server +\\| +\\d+\\.\\d \\|")
        .containsPattern("\\| Shardwright, by key +\\| +\\d+\\.\\d \\|")
        .containsPattern("\\| Shardwright, over all shards +\\| +\\d+\\.\\d \\|");
  }
}

package dev.shardwright.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class ScaleIT {
  @Test
  void measuresDocumentsPlansAndAcknowledgements() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Scale.run(10, 4, new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .containsPattern("- /shardwright/large/topology: [\\d,]+ bytes")
        // Of so small a topology the figure says nothing.
        .containsPattern("- in memory: -?[\\d,]+ bytes")
        // One of five shards gets a fifth of 10 TB.
        .containsPattern("- by TOKENS: \\d+ ms; 4 moves of 2,0\\d\\d,")
        .containsPattern("\\| 2 \\| 10 \\|.*\\|")
        .containsPattern("\\| 4 \\| 1 \\|.*\\|");
  }
}

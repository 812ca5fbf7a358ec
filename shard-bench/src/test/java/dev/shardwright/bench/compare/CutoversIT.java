package dev.shardwright.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheckExtension.class)
class CutoversIT {
  @Test
  void measuresThePauseWithAndWithoutABulkLoad() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Cutovers.run(1, 2, new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("1 cutovers of one virtual node each, 2 writers")
        .containsPattern("\\| nothing .*\\| 0 \\|")
        .containsPattern("\\| a bulk load .*\\| 0 \\|");
  }
}

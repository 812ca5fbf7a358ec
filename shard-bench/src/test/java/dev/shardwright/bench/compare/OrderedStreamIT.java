package dev.shardwright.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class OrderedStreamIT {
  @Test
  void readsEveryRowInOrderInAnotherJvm() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    OrderedStream.run(50_000, new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8)).startsWith("50,000 rows of 4 shards");
  }
}

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
class ScatterQueriesIT {
  @Test
  void comparesEachQueryWithItsFloor() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ScatterQueries.run(
        10_000, new Comparison(1, 1, 1), new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .filteredOn(line -> line.contains("rounds of"))
        .extracting(line -> line.replaceAll(" over .*", ""))
        .containsExactly("count", "GROUP BY", "ORDER BY LIMIT 20", "Multi-get of 100 keys");
  }
}

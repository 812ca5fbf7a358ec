package dev.shardwright.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class GuardCostIT {
  @Test
  void comparesEachWriteWithAndWithoutTheGuard() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    GuardCost.run(new Comparison(1, 1, 1), new PrintStream(out, true, StandardCharsets.UTF_8));
    List<String> printed = out.toString(StandardCharsets.UTF_8).lines().toList();
    for (String title : List.of("COPY", "INSERT … SELECT", "INSERT of", "UPDATE of")) {
      assertThat(printed).filteredOn(line -> line.startsWith(title)).hasSize(1);
    }
    for (String contender :
        List.of("no guard (floor)", "no guard once", "guard, 64 r", "guard, 2048 r")) {
      assertThat(printed).filteredOn(line -> line.startsWith("| " + contender)).hasSize(4);
    }
  }
}

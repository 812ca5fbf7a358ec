package dev.shardwright.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.shardwright.bench.compare.Comparison;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Without the peer, whose libraries are not on any module's class path. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class PeersIT {
  private static final String FIGURES = "\\d[\\d.,]*( us| \\(\\d.* - .*\\))?";

  @Test
  void allAnswerAsTheFloorDoesAndHaveAFigureInEachTable() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Peers.run(
        10_000,
        new Comparison(1, 1, 1),
        librariesOfThisTest(),
        Optional.empty(),
        new PrintStream(printed, true, StandardCharsets.UTF_8));
    List<List<String>> rows =
        printed
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("| "))
            .map(PeersIT::cells)
            .toList();
    for (Work work : Work.values()) {
      assertThat(rows)
          .filteredOn(row -> row.get(0).equals(work.title()))
          .hasSize(3)
          .allSatisfy(
              row ->
                  assertThat(row.subList(1, row.size()))
                      .hasSize(4)
                      .allSatisfy(cell -> assertThat(cell).matches(FIGURES)));
    }
    assertThat(rows)
        .filteredOn(row -> row.size() == 7)
        .extracting(row -> row.get(0))
        .containsExactly("", "by hand (floor)", "Shardwright, own calls", "Shardwright, JDBC");
  }

  private static List<String> cells(String row) {
    return Splitter.on('|').trimResults().splitToList(row.substring(1, row.length() - 1));
  }

  private static Libraries librariesOfThisTest() {
    return new Libraries(
        Splitter.on(File.pathSeparator)
            .splitToStream(System.getProperty("java.class.path"))
            .filter(entry -> entry.endsWith(".jar"))
            .map(Path::of)
            .toList());
  }
}

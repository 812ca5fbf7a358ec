package dev.shardwright.rebalance.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the diagram of the documentation against the code. */
class StateDiagramTest {
  private static final Pattern ARROW =
      Pattern.compile("^ {2}([A-Z_]+) --> ([A-Z_]+)$", Pattern.MULTILINE);

  @Test
  void theDocumentedStatesFollowEachOtherAsTheCodeLetsThem() throws IOException {
    Matcher arrow = ARROW.matcher(Files.readString(document()));
    List<String> documented = new ArrayList<>();
    while (arrow.find()) {
      documented.add(arrow.group(1) + " -> " + arrow.group(2));
    }
    List<String> allowed = new ArrayList<>();
    for (MigrationState state : MigrationState.values()) {
      state.next().forEach(next -> allowed.add(state + " -> " + next));
    }
    assertThat(documented).containsExactlyInAnyOrderElementsOf(allowed);
  }

  private static Path document() {
    Path inModule = Path.of("docs/migration-protocol.md");
    return Files.exists(inModule) ? inModule : Path.of("..").resolve(inModule);
  }
}

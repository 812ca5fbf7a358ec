package dev.shardwright.router.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLState;

/** What docs/errors.md lists is what the code raises. */
class ErrorsPageTest {
  private static final Path PAGE = Path.of("../docs/errors.md");
  private static final Path SCHEMA = Path.of("../shard-core/src/main");
  private static final Path ROUTER = Path.of("src/main");

  @Test
  void listsTheStatesOfShardwrightAndNoOthers() throws Exception {
    UnaryOperator<String> asItIs = state -> state;
    Set<String> raised = found("\"(SW\\d{3})\"", asItIs, SCHEMA);
    raised.addAll(found("\"(SW\\d{3})\"", asItIs, ROUTER));
    assertThat(raised).contains("SW001", "SW206");
    assertThat(found("(?m)^\\| `(SW\\d{3})` \\|", asItIs, PAGE)).isEqualTo(raised);
  }

  @Test
  void listsTheStatesThatTheRouterTakesFromPostgresqlsDriver() throws Exception {
    Set<String> raised =
        found("PSQLState\\.(\\w+)", name -> PSQLState.valueOf(name).getState(), ROUTER);
    assertThat(raised).contains("24000");
    assertThat(found("`(\\w{5})`", state -> state, PAGE)).containsAll(raised);
  }

  private static Set<String> found(String pattern, UnaryOperator<String> meaning, Path where)
      throws IOException {
    Pattern sought = Pattern.compile(pattern);
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(where)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sought
            .matcher(Files.readString(file))
            .results()
            .forEach(match -> found.add(meaning.apply(match.group(1))));
      }
    }
    return found;
  }
}

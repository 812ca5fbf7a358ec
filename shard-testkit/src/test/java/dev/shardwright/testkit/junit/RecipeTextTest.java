package dev.shardwright.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RecipeTextTest {
  private static final Pattern RECIPE =
      Pattern.compile("\n  // recipe: \\w+\n(.*?)\n+  // end\n", Pattern.DOTALL);
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)\n```", Pattern.DOTALL);

  @Test
  void thePageShowsTheCodeThatIsTested() throws IOException {
    Path source =
        Path.of("src/test/java/dev/shardwright/testkit/junit/RecipeIT.java").toAbsolutePath();
    List<String> tested =
        blocks(RECIPE, Files.readString(source)).stream()
            .map(code -> code.indent(-2).stripTrailing())
            .toList();
    List<String> shown =
        blocks(JAVA_BLOCK, Files.readString(Path.of("../docs/testing.md").toAbsolutePath()));
    assertThat(shown).isNotEmpty().isEqualTo(tested);
  }

  private static List<String> blocks(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult match) -> match.group(1)).toList();
  }
}

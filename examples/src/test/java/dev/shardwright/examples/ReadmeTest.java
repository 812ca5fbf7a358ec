package dev.shardwright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The Java code in README.md stands, but for white space, in a source file of this module: so it
 * compiles and runs.
 */
class ReadmeTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void showsOnlyCodeThatIsCompiledHere() throws IOException {
    List<String> sources = sources();
    Matcher block = JAVA_BLOCK.matcher(Files.readString(Path.of("../README.md")));
    int blocks = 0;
    while (block.find()) {
      blocks++;
      String code = withoutSpace(block.group(1));
      assertThat(sources).as("README block %s", block.group(1)).anyMatch(s -> s.contains(code));
    }
    assertThat(blocks).isPositive();
  }

  private static List<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(ReadmeTest::read)
          .map(ReadmeTest::withoutSpace)
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String withoutSpace(String code) {
    return code.replaceAll("\\s+", "");
  }
}

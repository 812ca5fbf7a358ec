package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
  private final Path root;

  CacheTest(@TempDir Path root) {
    this.root = root;
  }

  @Test
  void makesADirectoryOnce() throws IOException {
    Path made =
        Cache.get(root, "thing", directory -> Files.writeString(directory.resolve("f"), "1"));
    Path again =
        Cache.get(
            root,
            "thing",
            directory -> {
              throw new IOException("made twice");
            });
    assertThat(again).isEqualTo(made);
    assertThat(Files.readString(made.resolve("f"))).isEqualTo("1");
  }

  @Test
  void showsNothingOfADirectoryThatCouldNotBeMadeAndTriesAgain() throws IOException {
    assertThatThrownBy(
            () ->
                Cache.get(
                    root,
                    "thing",
                    directory -> {
                      Files.writeString(directory.resolve("half"), "1");
                      throw new IOException("the disk is full");
                    }))
        .hasRootCauseMessage("the disk is full");
    assertThat(root.resolve("thing")).doesNotExist();
    Path made =
        Cache.get(root, "thing", directory -> Files.writeString(directory.resolve("f"), "1"));
    assertThat(made.resolve("half")).doesNotExist();
    assertThat(made.resolve("f")).exists();
  }

  @Test
  void letsOneOfSeveralJvmsDoTheWork() throws Exception {
    List<ChildJvm> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(ChildJvm.start(CacheFiller.class, root.toString()));
    }
    for (ChildJvm other : others) {
      assertThat(other.awaitEnd()).isZero();
      other.close();
    }
    assertThat(Files.readAllLines(root.resolve("makers"))).hasSize(1);
    assertThat(root.resolve("thing/f")).exists();
  }
}

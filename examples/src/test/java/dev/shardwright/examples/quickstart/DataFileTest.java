package dev.shardwright.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {

  @Test
  void splitsAtCommasOutsideQuotes() {
    assertThat(DataFile.fields("2,\"Bonaire, Saba\",,x"))
        .containsExactly("2", "Bonaire, Saba", "", "x");
  }

  @Test
  void readsBackslashNAsNullAndEscapesInsideQuotes() {
    assertThat(DataFile.fields("\\N,\"d\\'Aviation\",\"\\'\\\\\""))
        .containsExactly(null, "d'Aviation", "'\\");
  }

  @Test
  void readsLinesThatEndInCarriageReturn(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("routes.dat"), "a,b\r\nc,\\N\r\n");
    assertThat(new DataFile(file, 2).records().get(1)).containsExactly("c", null);
  }

  @Test
  void namesTheLineOfAnotherNumberOfFields(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("routes.dat"), "a,b\nc\n");
    assertThatThrownBy(() -> new DataFile(file, 2).records())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2 has 1 fields, expected 2");
  }
}

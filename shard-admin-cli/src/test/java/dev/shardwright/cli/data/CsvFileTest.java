package dev.shardwright.cli.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.cli.session.NotDone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {
  private static final String MARK = "\uFEFF";

  @TempDir Path directory = Path.of("");

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstName() throws Exception {
    assertThat(read(MARK + "user_id,id\n1,2\n"))
        .containsExactly(List.of("user_id", "id"), List.of("1", "2"));
    assertThat(read(MARK + "\"user_id\",id\n")).containsExactly(List.of("user_id", "id"));
    assertThat(read(MARK)).isEmpty();
  }

  @Test
  void elsewhereTheSameCharacterIsText() throws Exception {
    assertThat(read("a," + MARK + "b\n" + MARK + "c,d\n"))
        .containsExactly(List.of("a", MARK + "b"), List.of(MARK + "c", "d"));
    assertThat(read(MARK + MARK + "a\n")).containsExactly(List.of(MARK + "a"));
  }

  @Test
  void filesShorterThanAMarkAreRead() throws Exception {
    assertThat(read("")).isEmpty();
    assertThat(read("a")).containsExactly(List.of("a"));
    assertThat(read("é\n")).containsExactly(List.of("é"));
  }

  @Test
  void whatCannotBeReadIsSaid() {
    assertThatThrownBy(() -> CsvFile.open(directory, ""))
        .isInstanceOf(NotDone.class)
        .hasMessageContaining("cannot be read");
  }

  private List<List<@Nullable String>> read(String content) throws Exception {
    Path file = Files.writeString(directory.resolve("rows.csv"), content);
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (CsvFile csv = CsvFile.open(file, "")) {
      for (Optional<CsvRow> row = csv.next(); row.isPresent(); row = csv.next()) {
        rows.add(row.get().fields());
      }
    }
    return rows;
  }
}

package dev.shardwright.router.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionDefaultsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          "$user", public | $user/public
          Archive,public  | archive/public
          "a ""b"", c", d | a "b", c/d
          """)
  void readsTheNamesOfASearchPath(String path, String names) {
    assertThat(String.join("/", SessionDefaults.names(path))).isEqualTo(names);
  }

  @Test
  void readsThatThereIsNone() {
    assertThat(SessionDefaults.names("")).isEmpty();
    assertThat(SessionDefaults.names("\"\"")).containsExactly("");
  }
}

package dev.shardwright.router.internal.jdbc.setting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeoutValueTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "5000, 5000",
    "' 7 s ', 7000",
    "1.5s, 1500",
    "0.5, 0",
    "1500us, 2",
    "2min, 120000",
    "1h, 3600000",
    "1d, 86400000",
    "2147483647, 2147483647",
  })
  void readsWhatPostgresReads(String value, long millis) {
    assertThat(TimeoutValue.millis("lock_timeout", value)).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "soon", "-1", "5 m", "5S", "7s, 3", "010", "0x10", "2147483648", "25d"})
  void refusesWhatItDoesNot(String value) {
    assertThatThrownBy(() -> TimeoutValue.millis("lock_timeout", value))
        .isInstanceOfSatisfying(
            SqlRefused.class, e -> assertThat(e.reason()).isEqualTo(SqlRefused.Reason.VALUE))
        .hasMessageContaining("lock_timeout = '" + value + "'");
  }
}

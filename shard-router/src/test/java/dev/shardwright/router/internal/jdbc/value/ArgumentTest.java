package dev.shardwright.router.internal.jdbc.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentTest {
  /** An instant would no longer tell that the driver writes early ones by another calendar. */
  @ParameterizedTest
  @ValueSource(strings = {"1500-03-01T00:00:00Z", "2024-01-01T00:00:00Z"})
  void leavesItToRoutingWhatAnSqlTimestampMeans(String instant) throws SQLException {
    Timestamp time = Timestamp.from(Instant.parse(instant));
    assertThat(Argument.ofObject(time).forRouting()).isEqualTo(time);
  }
}

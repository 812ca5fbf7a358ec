package dev.shardwright.rebalance.internal.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.DatabaseExtension;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SignalsIT {
  @RegisterExtension static final DatabaseExtension shard = new DatabaseExtension();

  @Test
  void saysWhatIsTooMuch() throws Exception {
    try (Connection connection = shard.database().connect();
        Connection other = shard.database().connect();
        Statement statement = other.createStatement()) {
      assertThat(Signals.replicaLag(connection, 0).reasonToPause()).isEmpty();
      assertThat(Signals.commitLatency(connection, Duration.ofHours(1)).reasonToPause()).isEmpty();
      assertThat(
              Signals.commitLatency(connection, Duration.ofMillis(-1)).reasonToPause().orElse(""))
          .contains("milliseconds for a commit");

      statement.execute("create table log as select generate_series(1, 10)");
      assertThat(Signals.keyLogDepth(connection, "log", 10).reasonToPause()).isEmpty();
      assertThat(Signals.keyLogDepth(connection, "log", 9).reasonToPause())
          .contains("10 keys in a key log, more than 9");

      other.setAutoCommit(false);
      statement.execute("select 1");
      assertThat(Signals.busySessions(connection, 0).reasonToPause().orElse(""))
          .contains("sessions at work, more than 0");
      assertThat(Signals.busySessions(connection, 10_000).reasonToPause()).isEmpty();
      other.rollback();
    }
  }
}

package dev.shardwright.rebalance.internal.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.DatabaseExtension;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SignalsIT {
  @RegisterExtension static final DatabaseExtension shard = new DatabaseExtension();

  @Test
  void saysWhatIsTooMuch() throws Exception {
    try (Connection connection = shard.database().connect()) {
      assertThat(Signals.replicaLag(connection, 0).reasonToPause()).isEmpty();
      assertThat(Signals.commitLatency(connection, Duration.ofHours(1)).reasonToPause()).isEmpty();
      assertThat(
              Signals.commitLatency(connection, Duration.ofMillis(-1)).reasonToPause().orElse(""))
          .contains("milliseconds for a commit");
      assertThat(Signals.busySessions(connection, 99).reasonToPause()).isEmpty();
      assertThat(Signals.busySessions(connection, -1).reasonToPause().orElse(""))
          .contains("percent of all sessions allowed are at work, more than -1");
    }
  }
}

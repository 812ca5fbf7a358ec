package dev.shardwright.rebalance.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private long now = -Duration.ofHours(1).toNanos();
  private final Attempts attempts =
      new Attempts(
          new Ticker() {
            @Override
            public long read() {
              return now;
            }
          });

  @Test
  void areBounded() {
    int made = 0;
    for (; attempts.areLeft(); made++) {
      attempts.failed(Optional.empty());
    }
    assertThat(made).isEqualTo(20);
    attempts.entered(MigrationState.VERIFYING);
    assertThat(attempts.areLeft()).isTrue();
    assertThat(attempts.isAtLeisure()).as("another reason to leave off").isFalse();
  }

  @Test
  void waitWhereAllWereInVain() {
    assertThat(attempts.isAtLeisure()).isFalse();
    while (attempts.areLeft()) {
      attempts.failed(Optional.empty());
    }
    attempts.entered(MigrationState.CATCHING_UP);
    assertThat(attempts.isAtLeisure()).isTrue();
    now += Duration.ofSeconds(30).toNanos();
    assertThat(attempts.isAtLeisure()).isTrue();
    now++;
    assertThat(attempts.isAtLeisure()).isFalse();
  }

  @Test
  void doNotWaitWhereSomeAreLeft() {
    attempts.failed(Optional.empty());
    attempts.entered(MigrationState.CATCHING_UP);
    assertThat(attempts.isAtLeisure()).isFalse();
  }

  @Test
  void tellForWhomTheyWaitedLast() {
    attempts.failed(Optional.of("a backup"));
    attempts.failed(Optional.empty());
    assertThat(attempts.waitedFor()).contains("a backup");
    attempts.entered(MigrationState.CATCHING_UP);
    assertThat(attempts.waitedFor()).isEmpty();
  }
}

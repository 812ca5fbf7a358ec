package dev.shardwright.rebalance.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MigrationTest {
  private static final List<MigrationState> WAY =
      List.of(
          MigrationState.REGISTERING,
          MigrationState.PREPARING,
          MigrationState.INSTALLING,
          MigrationState.COPYING,
          MigrationState.CATCHING_UP,
          MigrationState.VERIFYING,
          MigrationState.CATCHING_UP,
          MigrationState.CUTTING_OVER);

  /** Those that had failed before the ranges changed hands say nothing of a way back. */
  @Test
  void countsTheAttemptsOfItsDirection() {
    Migration migration =
        Migration.planned(
            1,
            "bank",
            Region.ALL,
            new RangeTransfer(ShardId.of("s"), ShardId.of("t"), KeyRangeSet.ALL),
            Optional.empty(),
            "",
            MoveOptions.DEFAULTS,
            Instant.EPOCH);
    for (MigrationState next : WAY) {
      migration = migration.enter(next, Direction.FORWARD, "", Instant.EPOCH);
    }
    migration = migration.attempted().attempted();
    migration = migration.enter(MigrationState.IN_WINDOW, Direction.FORWARD, "", Instant.EPOCH);
    assertThat(migration.attempts()).isEqualTo(2);
    migration = migration.enter(MigrationState.CATCHING_UP, Direction.BACK, "", Instant.EPOCH);
    assertThat(migration.attempts()).isZero();
  }
}

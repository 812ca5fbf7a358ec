package dev.shardwright.cli.moves;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.MigrationStatus;
import dev.shardwright.rebalance.MigrationStatus.Hindrance;
import dev.shardwright.rebalance.MigrationStatus.Outcome;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressViewTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final ProgressView view =
      new ProgressView(new PrintStream(err, true, StandardCharsets.UTF_8), true);

  @Test
  void nothingIsWholeBeforeTheStateSaysSo() {
    for (long rows : List.of(990L, 1_000L, 3_000L)) {
      assertThat(ProgressView.line(migration("COPYING", false, rows))).contains("]  99% COPYING");
    }
    assertThat(ProgressView.line(migration("COPYING", false, 500))).contains("]  50% COPYING");
    assertThat(ProgressView.line(migration("CATCHING_UP", false, 900))).contains("] 100% CATCH");
    assertThat(ProgressView.line(migration("ABORTING", false, 900))).contains("]  90% ABORTING");
  }

  @Test
  void whatIsTakenBackGoesTheOtherWay() {
    assertThat(ProgressView.line(migration("CUTTING_OVER", false, 1))).contains("shop: s1 -> s2 [");
    assertThat(ProgressView.line(migration("CUTTING_OVER", true, 1)))
        .contains("shop: s2 -> s1 (back) [");
  }

  /** A terminal would make two lines of one that is too long, and the way up be too short. */
  @Test
  void isDrawnOverItselfWithoutWrappingAndClearsWhatIsBelow() {
    MigrationStatus migration = migration("COPYING", false, 500);
    view.show(List.of(migration, migration));
    view.show(List.of(migration));
    String line = ProgressView.line(migration) + "\u001b[K" + System.lineSeparator();
    assertThat(drawn())
        .isEqualTo(
            "\u001b[?7l"
                + line
                + line
                + "\u001b[J\u001b[?7h"
                + "\u001b[2F\u001b[?7l"
                + line
                + "\u001b[J\u001b[?7h");
  }

  @Test
  void isDrawnAnewBelowWhatElseWasSaid() {
    view.show(List.of(migration("COPYING", false, 500)));
    view.beginAnew();
    err.reset();
    view.show(List.of(migration("COPYING", false, 500)));
    assertThat(drawn()).startsWith("\u001b[?7l");
  }

  private String drawn() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static MigrationStatus migration(String state, boolean rollingBack, long rows) {
    return new MigrationStatus(
        3,
        "shop",
        Region.ALL,
        new RangeTransfer(ShardId.of("s1"), ShardId.of("s2"), KeyRangeSet.of(new KeyRange(0, 9))),
        Optional.empty(),
        "reason",
        state,
        "RUN",
        Outcome.UNDER_WAY,
        rollingBack,
        new MigrationProgress(rows, 0, 1_000, 0, 0),
        0,
        Duration.ofMillis(50),
        Optional.empty(),
        Instant.EPOCH,
        Hindrance.NONE,
        "");
  }
}

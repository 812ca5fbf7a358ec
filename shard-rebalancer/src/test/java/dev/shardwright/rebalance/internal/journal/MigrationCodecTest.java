package dev.shardwright.rebalance.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.rebalance.internal.migration.ComparedRows;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationState;
import dev.shardwright.rebalance.plan.MoveOptions;
import dev.shardwright.rebalance.watch.CutoverPause;
import dev.shardwright.rebalance.watch.MigrationProgress;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.RangeTransfer;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MigrationCodecTest {
  private static final Migration PLANNED =
      Migration.planned(
          7,
          "shop",
          Region.of("eu"),
          new RangeTransfer(
              ShardId.of("s"),
              ShardId.of("t"),
              KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, -5), KeyRange.of(9))),
          Optional.empty(),
          "why",
          MoveOptions.DEFAULTS,
          Instant.ofEpochMilli(1_000));

  @Test
  void whatWasWrittenIsRead() {
    Migration changed =
        PLANNED
            .attempted()
            .withOpenedAt(OptionalLong.of(5))
            .withProgress(new MigrationProgress(1, 2, 3, 4, 5))
            .withPause(
                Optional.of(
                    new CutoverPause(
                        Duration.ofNanos(1),
                        Duration.ofNanos(20),
                        Duration.ofNanos(300),
                        Duration.ZERO,
                        Duration.ofSeconds(5),
                        Duration.ofNanos(6))))
            .withDefinitions("public.t 0f\npublic.u 1e")
            .withCompared(new ComparedRows("0f", "1e"))
            .withNote("a \"note\"");
    Migration ofKey =
        Migration.planned(
            8,
            "shop",
            Region.ALL,
            new RangeTransfer(
                ShardId.of("s"), ShardId.of("t"), KeyRangeSet.of(KeyRange.of(Long.MIN_VALUE))),
            Optional.of("a \"key\""),
            "why",
            MoveOptions.DEFAULTS,
            Instant.EPOCH);
    assertThat(read(text(ofKey))).isEqualTo(ofKey);
    assertThat(read(text(PLANNED))).isEqualTo(PLANNED);
    assertThat(read(text(changed))).isEqualTo(changed);
  }

  @Test
  void aJournalThatDoesNotTellOfProgressIsRead() {
    String older = text(PLANNED).replaceAll(",\"(rate|keyLog)\":0", "");
    assertThat(older).doesNotContain("rate", "keyLog");
    assertThat(read(older)).isEqualTo(PLANNED);
  }

  @Test
  void whyItIsGivenUpIsReadAndFromTheNoteOfAnOlderJournal() {
    Migration aborting =
        PLANNED
            .enter(MigrationState.REGISTERING, Direction.FORWARD, "", PLANNED.created())
            .enter(MigrationState.ABORTING, Direction.FORWARD, "why", PLANNED.created());
    assertThat(aborting.givenUp()).contains("why");
    assertThat(read(text(aborting))).isEqualTo(aborting);
    String older =
        text(aborting)
            .replace("\"givenUp\":\"why\",", "")
            .replace("\"note\":\"\"", "\"note\":\"why\"");
    assertThat(older).doesNotContain("givenUp");
    assertThat(read(older)).isEqualTo(aborting.withNote("why"));
  }

  @Test
  void aPauseThatLacksAPartIsCorrupt() {
    String wrong = text(PLANNED).replace("\"note\"", "\"pausePartsNanos\":\"1 2 3 4 5\",\"note\"");
    assertThatThrownBy(() -> read(wrong))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("'1 2 3 4 5' is not a pause of six parts");
  }

  private static String text(Migration migration) {
    return new String(MigrationCodec.encode(migration), StandardCharsets.UTF_8);
  }

  private static Migration read(String text) {
    return MigrationCodec.decode(text.getBytes(StandardCharsets.UTF_8), "migrations/7");
  }
}

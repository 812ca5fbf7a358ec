package dev.shardwright.router.internal.jdbc.parts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartFatesTest {
  private static final List<ShardId> SHARDS = List.of(ShardId.of("s1"), ShardId.of("s2"));
  private static final PartEnd<String> DONE = PartEnd.done("done");

  @Test
  void areNoFailureIfAllIsDone() {
    assertThat((Throwable) new PartFates(SHARDS, List.of(DONE, DONE)).failure()).isNull();
  }

  @Test
  void areAFailureIfAPartWasNeverTriedThoughNoneFailed() {
    PartFates fates = new PartFates(SHARDS, List.of(DONE, PartEnd.notTried()));
    assertThat((Throwable) fates.failure()).hasMessageContaining("deadline");
    assertThat(fates.sqlState()).isEqualTo("SW206");
    assertThat(fates)
        .hasToString("carried out and committed on the shards [s1]; not tried on [s2]");
  }

  /** Who reads that a write was carried out leaves it at that. */
  @Test
  void sayWhatWasNotDoneThoughAnotherPartLacksItsAnswer() {
    PartEnd<String> unanswered = PartEnd.failed(new SQLException("no answer", "SW205"));
    PartEnd<String> failed = PartEnd.failed(new SQLException("failed", "23505"));
    PartFates fates = new PartFates(SHARDS, List.of(unanswered, failed));
    assertThat((Throwable) fates.failure())
        .hasMessage("failed")
        .hasSuppressedException(unanswered.failure());
    assertThat(fates.sqlState()).isEqualTo("23505");
    assertThat(new PartFates(SHARDS, List.of(unanswered, PartEnd.notTried())).sqlState())
        .isEqualTo("SW206");
    assertThat(new PartFates(SHARDS, List.of(unanswered, DONE)).sqlState()).isEqualTo("SW205");
  }

  /** Frameworks do again what failed with it, and a part would be done twice. */
  @Test
  void haveNoStateThatAsksToRepeatWhatIsPartlyDone() {
    for (String state : List.of("40001", "40P01", "SW201", "08006", "57014", "53300")) {
      PartEnd<String> failed = PartEnd.failed(new SQLException("failed", state));
      assertThat(new PartFates(SHARDS, List.of(DONE, failed)).sqlState()).isEqualTo("SW206");
      assertThat(new PartFates(SHARDS, List.of(failed, PartEnd.notTried())).sqlState())
          .isEqualTo(state);
    }
  }

  @Test
  void sayTheFirstFailureAndTheStateOfAnUnknownOutcome() {
    PartFates fates =
        new PartFates(
            SHARDS,
            List.of(
                PartEnd.failed(new SQLException("first", "23505")),
                PartEnd.failed(new SQLException("lost", "08007"))));
    assertThat((Throwable) fates.failure()).hasMessage("first");
    assertThat(fates.sqlState()).isEqualTo("08007");
    assertThat(fates.isWithoutEffect()).isFalse();
  }
}

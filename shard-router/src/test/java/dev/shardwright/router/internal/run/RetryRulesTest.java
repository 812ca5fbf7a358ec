package dev.shardwright.router.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;

import dev.shardwright.router.internal.run.RetryRules.Verdict;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class RetryRulesTest {
  @ParameterizedTest
  @CsvSource({
    "NOT_SENT,   NEVER,        AGAIN",
    "NOT_SENT,   UNTIL_SENT,   AGAIN",
    "NOT_SENT,   UNTIL_COMMIT, AGAIN",
    "NOT_SENT,   ALWAYS,       AGAIN",
    "SENT,       NEVER,        UNKNOWN",
    "SENT,       UNTIL_SENT,   UNKNOWN",
    "SENT,       UNTIL_COMMIT, AGAIN",
    "SENT,       ALWAYS,       AGAIN",
    "COMMITTING, UNTIL_COMMIT, UNKNOWN",
    "COMMITTING, ALWAYS,       AGAIN",
    "ANSWERED,   NEVER,        FAIL",
    "ANSWERED,   UNTIL_SENT,   FAIL",
    "ANSWERED,   ALWAYS,       AGAIN",
  })
  void repeatsAfterALostConnectionOnlyWhatCannotHaveHappenedOrMayHappenTwice(
      Phase phase, Repeat repeat, Verdict expected) {
    assertThat(RetryRules.judge(Fault.LOST, phase, repeat)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ANSWERED")
  void repeatsWhatPostgresqlRolledBackWhateverItWas(Phase phase) {
    for (Repeat repeat : EnumSet.complementOf(EnumSet.of(Repeat.UNTIL_SENT))) {
      assertThat(RetryRules.judge(Fault.CONFLICT, phase, repeat)).isEqualTo(Verdict.AGAIN);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONFLICT", "NOT_HERE", "MOVED", "FAILED_OVER", "CANCELLED", "REFUSED"})
  void knowsOfWhatMayCommitBeforeItEndsOnlyIfItWasNotSent(Fault fault) {
    assertThat(RetryRules.judge(fault, Phase.NOT_SENT, Repeat.UNTIL_SENT))
        .isEqualTo(RetryRules.judge(fault, Phase.NOT_SENT, Repeat.NEVER));
    for (Phase phase : Set.of(Phase.SENT, Phase.COMMITTING)) {
      assertThat(RetryRules.judge(fault, phase, Repeat.UNTIL_SENT)).isEqualTo(Verdict.UNKNOWN);
    }
  }

  /** The caller's own code may meet any failure as it looks at the rows. */
  @ParameterizedTest
  @EnumSource(Fault.class)
  void repeatsNoWriteThatWasCarriedOut(Fault fault) {
    for (Repeat repeat : EnumSet.complementOf(EnumSet.of(Repeat.ALWAYS))) {
      assertThat(RetryRules.judge(fault, Phase.ANSWERED, repeat)).isEqualTo(Verdict.FAIL);
    }
  }

  @Test
  void takesWhatTheServerSaidBeforeItWasGoneForALostConnection() {
    SQLException said = new SQLException("PANIC: could not write to file", "53100");
    said.setNextException(new SQLException("An I/O error occurred", "08006"));
    assertThat(Fault.of(said)).isEqualTo(Fault.LOST);
  }

  /** As dblink says of another server that it cannot reach. */
  @ParameterizedTest
  @CsvSource({"ERROR, REFUSED", "FATAL, LOST", "PANIC, LOST"})
  void tellsAConnectionThatWasLostFromOneThatAStatementSpeaksOf(String severity, Fault expected) {
    ServerErrorMessage message =
        new ServerErrorMessage("S" + severity + "\0C08001\0Mcould not connect\0");
    assertThat(Fault.of(new PSQLException(message))).isEqualTo(expected);
  }

  @Test
  void neverRepeatsAWriteThatMayHaveHappened() {
    for (Fault fault : Fault.values()) {
      for (Phase phase : Set.of(Phase.SENT, Phase.COMMITTING, Phase.ANSWERED)) {
        boolean rolledBack =
            switch (fault) {
              case CONFLICT, NOT_HERE, MOVED, FAILED_OVER, STALE_EPOCH, POOL_CLOSED, OUTDATED ->
                  true;
              case LOST, NO_CONNECTION, CANCELLED, REFUSED -> false;
            };
        if (!rolledBack) {
          assertThat(RetryRules.judge(fault, phase, Repeat.NEVER))
              .as("%s while %s", fault, phase)
              .isIn(Verdict.FAIL, Verdict.UNKNOWN);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "40001, CONFLICT",
    "40P01, CONFLICT",
    "08006, LOST",
    "08003, LOST",
    "57P01, LOST",
    "57P02, LOST",
    "57014, CANCELLED",
    "SW001, NOT_HERE",
    "SW005, MOVED",
    "SW003, FAILED_OVER",
    "23505, REFUSED",
    "25P02, REFUSED",
  })
  void sortsFailuresBySqlState(String state, Fault expected) {
    assertThat(Fault.of(new SQLException("said", state))).isEqualTo(expected);
  }

  @Test
  void findsWhatTheDatabaseSaidBehindWhatFrameworksThrow() {
    var said = new SQLException("said", "40001");
    assertThatObject(Fault.sqlCause(new IllegalStateException(new RuntimeException(said))))
        .isSameAs(said);
    assertThatObject(Fault.sqlCause(new IllegalStateException("of its own"))).isNull();
  }
}

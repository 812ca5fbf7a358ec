package dev.shardwright.cli.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.GlobalOptions;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.Surroundings;
import dev.shardwright.rebalance.StartIncomplete;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanRunTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Session session =
      new Session(
          new GlobalOptions(),
          new Surroundings(
              name -> null,
              Path.of("no-such-directory"),
              InputStream.nullInputStream(),
              new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8),
              /* terminal= */ false,
              /* colours= */ false));

  @Test
  void aMigrationThatIsGoneDidNotEndWell() {
    assertThat(MigrationWatch.end(session, List.of(), List.of(), status -> true))
        .isEqualTo(ExitCode.DONE);
    assertThat(MigrationWatch.end(session, List.of(3, 4), List.of(), status -> true))
        .isEqualTo(ExitCode.NOT_DONE);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("Migrations 3 4 are gone");
  }

  @Test
  void whatWasBegunIsToldHoweverItBroke() {
    TopologyUnavailable away = new TopologyUnavailable("ZooKeeper is away", null);
    StartIncomplete broken = new StartIncomplete(List.of(3, 4), 5, away);
    assertThatThrownBy(() -> PlanRun.leave(session, broken.migrations(), broken)).isSameAs(broken);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("migrations 3 4.", "migration watch;", "migration abort 3 4");
    Thread.currentThread().interrupt();
    assertThat(PlanRun.leave(session, List.of(7), away)).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(Thread.interrupted()).as("it is dealt with").isFalse();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("migrations 7.");
    assertThatThrownBy(() -> PlanRun.leave(session, List.of(), away)).isSameAs(away);
  }
}

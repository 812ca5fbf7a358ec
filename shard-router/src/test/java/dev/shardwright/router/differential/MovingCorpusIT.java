package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The hand-written queries once more, while rows of every ring are on two shards. */
@ExtendWith(LeakCheckExtension.class)
class MovingCorpusIT {
  private FourAndOne databases;
  private HalfMoved moves;

  @BeforeEach
  void start() throws SQLException {
    databases = FourAndOne.withAllTables();
    moves = databases.halfMoved();
    moves.begin();
  }

  @AfterEach
  void stop() throws SQLException {
    databases.close();
  }

  @Test
  void theRouterAnswersAsOnePostgresqlBeforeRangesChangeHandsAndAfter() throws SQLException {
    assertThat(wrongByRouter()).as("copies are on the targets").isEmpty();
    moves.commit();
    assertThat(wrongByRouter()).as("left-overs are on the sources").isEmpty();
  }

  @Test
  void theDriverAnswersAsOnePostgresqlAfterRangesHaveChangedHands() throws SQLException {
    moves.commit();
    List<String> wrong = new ArrayList<>();
    try (ByDriver driver = new ByDriver(databases);
        Connection one = databases.connect("one")) {
      for (CorpusCase each : Corpus.queries(databases.majorVersion())) {
        Outcome expected = OnePostgres.ask(one, each);
        Answered answered = new Answered(driver.ask(each), each.level());
        Judge.wrong(each, expected, answered, OnePostgres.choice(one, each))
            .ifPresent(what -> wrong.add(each + "\n   " + what));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private List<String> wrongByRouter() throws SQLException {
    List<String> wrong = new ArrayList<>();
    ByRouter router = new ByRouter(databases);
    try (Connection one = databases.connect("one")) {
      for (CorpusCase each : Corpus.queries(databases.majorVersion())) {
        if (!each.driverOnly()) {
          Outcome expected = OnePostgres.ask(one, each);
          Judge.wrong(each, expected, router.ask(each.question()), OnePostgres.choice(one, each))
              .ifPresent(what -> wrong.add(each + "\n   " + what));
        }
      }
    }
    return wrong;
  }
}

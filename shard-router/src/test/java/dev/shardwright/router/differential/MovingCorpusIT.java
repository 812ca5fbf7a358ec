package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The hand-written queries once more, while rows of every ring are on two shards. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class MovingCorpusIT {
  /** One in so many is asked where not all are. */
  private static final int SHARE = 5;

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
  void routerAndDriverAnswerSomeAsOnePostgresqlBeforeRangesChangeHandsAndAfter()
      throws SQLException {
    askRouterBeforeAndAfter(some());
    askDriverAfter(some());
  }

  @Test
  @Tag("long")
  void routerAndDriverAnswerAllAsOnePostgresqlBeforeRangesChangeHandsAndAfter()
      throws SQLException {
    askRouterBeforeAndAfter(all());
    askDriverAfter(all());
  }

  private List<CorpusCase> all() {
    return Corpus.queries(databases.majorVersion());
  }

  /** Of each kind, and others each time. */
  private List<CorpusCase> some() {
    List<CorpusCase> all = all();
    int first = new Random().nextInt(SHARE);
    System.out.printf("one statement of the corpus in %d, from %d on%n", SHARE, first);
    return IntStream.range(0, all.size())
        .filter(i -> i % SHARE == first)
        .mapToObj(all::get)
        .toList();
  }

  private void askRouterBeforeAndAfter(List<CorpusCase> cases) throws SQLException {
    assertThat(wrongByRouter(cases)).as("copies are on the targets").isEmpty();
    moves.commit();
    assertThat(wrongByRouter(cases)).as("left-overs are on the sources").isEmpty();
  }

  private void askDriverAfter(List<CorpusCase> cases) throws SQLException {
    List<String> wrong = new ArrayList<>();
    try (ByDriver driver = new ByDriver(databases);
        Connection one = databases.connect("one")) {
      for (CorpusCase each : cases) {
        Outcome expected = OnePostgres.ask(one, each);
        Answered answered = new Answered(driver.ask(each), each.level());
        Judge.wrong(each, expected, answered, OnePostgres.choice(one, each))
            .ifPresent(what -> wrong.add(each + "\n   " + what));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private List<String> wrongByRouter(List<CorpusCase> cases) throws SQLException {
    List<String> wrong = new ArrayList<>();
    ByRouter router = new ByRouter(databases);
    try (Connection one = databases.connect("one")) {
      for (CorpusCase each : cases) {
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

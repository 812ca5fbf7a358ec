package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Generated statements: answered as one PostgreSQL answers them, or refused. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class GeneratedIT {
  private static final long SEED = 20_260_101;
  private static final int TRIES_TO_SHRINK = 400;
  private static final int MOST_DIFFERENCES = 5;

  private static FourAndOne databases;
  private static ByRouter router;
  private static Connection one;

  @BeforeAll
  static void start() throws SQLException {
    databases = FourAndOne.withAllTables();
    router = new ByRouter(databases);
    one = databases.connect("one");
  }

  @AfterAll
  static void stop() throws SQLException {
    one.close();
    databases.close();
  }

  @Test
  void theClusterAnswersAsOnePostgresql() {
    compare(SEED, 500);
  }

  @Test
  @Tag("long")
  void theClusterAnswersAsOnePostgresqlForLong() {
    compare(
        Long.getLong("generated.seed", System.nanoTime()),
        Integer.getInteger("generated.statements", 20_000));
  }

  private static void compare(long seed, int statements) {
    List<String> wrong = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    for (int i = 0; i < statements && wrong.size() < MOST_DIFFERENCES; i++) {
      Tape tape = Tape.drawn(seed + i);
      Generated statement = StatementGenerator.from(tape);
      Answered answered = router.ask(statement.question());
      levels.add(answered.level());
      if (difference(statement, answered).isPresent()) {
        wrong.add("seed " + (seed + i) + ": " + shrunk(tape.choices()));
      }
    }
    System.out.println("Generated statements from seed " + seed + ": " + Corpus.summary(levels));
    assertThat(wrong).isEmpty();
  }

  private static Optional<String> difference(Generated statement, Answered answered) {
    Outcome actual = answered.outcome();
    if (actual instanceof Outcome.Failed failed && failed.isRefusal()) {
      return Optional.empty();
    }
    Outcome expected = Session.ask(one, statement.question());
    Optional<Outcome.Rows> all =
        statement
            .open()
            .outOf()
            .map(sql -> new Question(sql, statement.question().arguments()))
            .map(question -> (Outcome.Rows) Session.ask(one, question));
    return Comparer.difference(expected, actual, statement.open(), all);
  }

  /** A line for the corpus, and how the answers differ. */
  private static String shrunk(List<Integer> choices) {
    List<Integer> least = Shrinker.shrink(choices, GeneratedIT::differs, TRIES_TO_SHRINK);
    Generated statement = StatementGenerator.from(Tape.of(least));
    Answered answered = router.ask(statement.question());
    return "\n"
        + statement.line(answered.level())
        + "\n  "
        + difference(statement, answered).orElse("not always");
  }

  private static boolean differs(List<Integer> choices) {
    Generated statement = StatementGenerator.from(Tape.of(choices));
    return difference(statement, router.ask(statement.question())).isPresent();
  }
}

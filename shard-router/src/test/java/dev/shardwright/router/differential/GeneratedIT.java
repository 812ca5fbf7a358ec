package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Generated statements: answered as one PostgreSQL answers them, or refused, also while rows of
 * every ring are on two shards.
 */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class GeneratedIT {
  private static final long SEED = 20_260_101;
  private static final int SAMPLE = 500;
  private static final int TRIES_TO_SHRINK = 400;
  private static final int MOST_DIFFERENCES = 5;

  private final List<String> allLevels = new ArrayList<>();
  private final List<String> levelsWithRows = new ArrayList<>();
  private FourAndOne databases;
  private ByRouter router;
  private Connection one;
  private Measure measure;

  @BeforeEach
  void start() throws SQLException {
    databases = FourAndOne.withAllTables();
    router = new ByRouter(databases);
    one = databases.connect("one");
    measure = new Measure(one, databases.majorVersion());
  }

  @AfterEach
  void stop() throws SQLException {
    one.close();
    databases.close();
  }

  @Test
  void theClusterAnswersAsOnePostgresql() throws SQLException {
    compareBeforeWithinAndAfterMoves(SEED, SAMPLE);
  }

  @Test
  @Tag("long")
  void theClusterAnswersAsOnePostgresqlForLong() throws SQLException {
    compareBeforeWithinAndAfterMoves(
        Long.getLong("generated.seed", System.nanoTime()),
        Integer.getInteger("generated.statements", 20_000));
  }

  private void compareBeforeWithinAndAfterMoves(long seed, int statements) throws SQLException {
    compare(seed, statements);
    HalfMoved moves = databases.halfMoved();
    moves.begin();
    compare(seed + statements, statements);
    moves.commit();
    compare(seed + 2L * statements, statements);
    checkThatMostFindSomething(statements);
  }

  /** To refuse every statement, or to ask for what nobody has, would be agreement too. */
  private void checkThatMostFindSomething(int statements) {
    if (statements < SAMPLE) {
      return;
    }
    System.out.println("Those that found rows: " + Corpus.summary(levelsWithRows));
    assertThat(levelsWithRows).contains("one", "merge", "combine", "gather", "any");
    assertThat(levelsWithRows).hasSizeGreaterThan(allLevels.size() / 3);
    assertThat(Collections.frequency(allLevels, "refused")).isLessThan(allLevels.size() / 25);
    assertThat(Collections.frequency(allLevels, "fails")).isLessThan(allLevels.size() / 100);
  }

  private void compare(long seed, int statements) {
    List<String> wrong = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    for (int i = 0; i < statements && wrong.size() < MOST_DIFFERENCES; i++) {
      Tape tape = Tape.drawn(seed + i);
      Generated statement = StatementGenerator.from(tape);
      if (!measure.isFor(statement)) {
        continue;
      }
      Answered answered = router.ask(statement.question());
      levels.add(answered.level());
      if (answered.outcome() instanceof Outcome.Rows rows && !rows.rows().isEmpty()) {
        levelsWithRows.add(answered.level());
      }
      if (measure.difference(statement, answered.outcome()).isPresent()) {
        wrong.add("seed " + (seed + i) + ": " + shrunk(tape.choices()));
      }
    }
    System.out.println("Generated statements from seed " + seed + ": " + Corpus.summary(levels));
    allLevels.addAll(levels);
    assertThat(wrong).isEmpty();
  }

  /** A line for the corpus, and how the answers differ. */
  private String shrunk(List<Integer> choices) {
    List<Integer> least = Shrinker.shrink(choices, this::differs, TRIES_TO_SHRINK);
    Generated statement = StatementGenerator.from(Tape.of(least));
    Answered answered = router.ask(statement.question());
    return "\n"
        + statement.line(answered.level())
        + "\n  "
        + measure.difference(statement, answered.outcome()).orElse("not always");
  }

  private boolean differs(List<Integer> choices) {
    Generated statement = StatementGenerator.from(Tape.of(choices));
    return measure.isFor(statement)
        && measure.difference(statement, router.ask(statement.question()).outcome()).isPresent();
  }
}

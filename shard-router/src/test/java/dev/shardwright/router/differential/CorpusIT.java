package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The hand-written statements. */
@ExtendWith(LeakCheckExtension.class)
class CorpusIT {
  private static FourAndOne databases;

  @BeforeAll
  static void start() throws SQLException {
    databases = FourAndOne.withAllTables();
  }

  @AfterAll
  static void stop() throws SQLException {
    databases.close();
  }

  /** What the corpus says that PostgreSQL leaves open is all that it leaves open. */
  @Test
  void twoPostgresqlsAgreeThatHoldTheRowsInDifferentOrder() throws SQLException {
    List<String> wrong = new ArrayList<>();
    try (Connection one = databases.connect("one");
        Connection other = databases.connect("other")) {
      for (CorpusCase each : queries()) {
        if (!each.level().equals("refused")) {
          disagreement(one, other, each).ifPresent(what -> wrong.add(each + "\n   " + what));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** An answer without rows would be the same from a wrong shard. */
  @Test
  void whatGoesToOneShardFindsRowsThere() throws SQLException {
    List<CorpusCase> wrong = new ArrayList<>();
    try (Connection one = databases.connect("one")) {
      for (CorpusCase each : queries()) {
        if (each.level().equals("one") && findsNothing(one, each) != each.empty()) {
          wrong.add(each);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void theRouterAnswersAsOnePostgresql() throws SQLException {
    List<String> wrong = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    ByRouter router = new ByRouter(databases);
    try (Connection one = databases.connect("one")) {
      for (CorpusCase each : queries()) {
        if (!each.driverOnly()) {
          Outcome expected = OnePostgres.ask(one, each);
          Answered answered = router.ask(each.question());
          levels.add(answered.level());
          Judge.wrong(each, expected, answered, OnePostgres.choice(one, each))
              .ifPresent(what -> wrong.add(each + "\n   " + what));
          if (answered.level().equals("merge")) {
            // What was learnt from the first answer changes what shards are asked.
            Judge.wrong(each, expected, router.ask(each.question()), OnePostgres.choice(one, each))
                .ifPresent(what -> wrong.add(each + "\n   the second time: " + what));
          }
        }
      }
    }
    System.out.println("Statements of the corpus through the router: " + Corpus.summary(levels));
    assertThat(wrong).isEmpty();
  }

  @Test
  void theDriverAnswersAsOnePostgresql() throws SQLException {
    List<String> wrong = new ArrayList<>();
    try (ByDriver driver = new ByDriver(databases);
        Connection one = databases.connect("one")) {
      for (CorpusCase each : queries()) {
        Outcome expected = OnePostgres.ask(one, each);
        Answered answered = new Answered(driver.ask(each), each.level());
        Judge.wrong(each, expected, answered, OnePostgres.choice(one, each))
            .ifPresent(what -> wrong.add(each + "\n   " + what));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void theDriverWritesAsOnePostgresql() throws SQLException {
    try (ByDriver driver = new ByDriver(databases)) {
      WrittenTables.writeAsOnePostgresql(databases, driver, /* optIn= */ false);
    }
  }

  private static Optional<String> disagreement(
      Connection one, Connection other, CorpusCase statement) throws SQLException {
    Outcome expected = OnePostgres.ask(one, statement);
    if (expected instanceof Outcome.Failed failed) {
      return statement.level().equals("fails") && statement.why().contains(failed.sqlState())
          ? Optional.empty()
          : Optional.of(failed.toString());
    }
    if (statement.level().equals("fails")) {
      return Optional.of("does not fail: " + expected);
    }
    if (!statement.checked()) {
      return Optional.empty();
    }
    Outcome actual = OnePostgres.ask(other, statement);
    return Comparer.difference(
        expected, actual, statement.open(), OnePostgres.choice(one, statement));
  }

  /** Whether there are no rows, or there were none to count. */
  private static boolean findsNothing(Connection one, CorpusCase statement) throws SQLException {
    List<List<@Nullable String>> rows = ((Outcome.Rows) OnePostgres.ask(one, statement)).rows();
    return rows.isEmpty() || (rows.size() == 1 && rows.get(0).stream().allMatch(CorpusIT::isNone));
  }

  private static boolean isNone(@Nullable String value) {
    return value == null || value.equals("0");
  }

  private static List<CorpusCase> queries() {
    return Corpus.queries(databases.majorVersion());
  }
}

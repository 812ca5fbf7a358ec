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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The hand-written statements. */
@ExtendWith(LeakCheckExtension.class)
class CorpusIT {
  private static final List<String> QUERIES =
      List.of(
          "rows.txt",
          "order.txt",
          "limit.txt",
          "distinct.txt",
          "group.txt",
          "aggregates.txt",
          "windows.txt",
          "sets.txt",
          "subqueries.txt",
          "joins.txt",
          "keys.txt",
          "parameters.txt",
          "names.txt",
          "time.txt");

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

  private static List<CorpusCase> queries() {
    return QUERIES.stream().flatMap(file -> Corpus.read(file).stream()).toList();
  }
}

package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Statements over flights: real rows where they are at hand, else generated ones. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class FlightsIT {
  private static FourAndOne databases;

  @BeforeAll
  static void start() throws SQLException {
    databases = FourAndOne.withFlights();
  }

  @AfterAll
  static void stop() throws SQLException {
    databases.close();
  }

  @Test
  void theClusterAnswersAsOnePostgresql() throws SQLException {
    List<String> wrong = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    ByRouter router = new ByRouter(databases);
    try (Connection one = databases.connect("one")) {
      for (CorpusCase each : Corpus.read("flights.txt")) {
        Outcome expected = OnePostgres.ask(one, each);
        Answered answered = router.ask(each.question());
        levels.add(answered.level());
        Judge.wrong(each, expected, answered, OnePostgres.choice(one, each))
            .ifPresent(what -> wrong.add(each + "\n   " + what));
      }
    }
    System.out.println("Statements over flights: " + Corpus.summary(levels));
    assertThat(wrong).isEmpty();
  }
}

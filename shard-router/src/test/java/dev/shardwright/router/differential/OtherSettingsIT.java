package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.ScatterOptions;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The hand-written queries once more, where not all is as in the other tests. */
@ExtendWith(LeakCheckExtension.class)
@Tag("slow")
class OtherSettingsIT {
  private static final ScatterOptions SCATTER = ScatterOptions.DEFAULTS;

  /** Text is ordered by the rules of a language unless a column says otherwise. */
  @Test
  void inDatabasesOfALanguage() throws SQLException {
    try (FourAndOne databases =
        FourAndOne.withAllTables(
            "template template0 locale 'C' locale_provider icu icu_locale 'de'")) {
      try (Connection one = databases.connect("one")) {
        assertThat(Session.ask(one, Question.of("select 'a' < 'B'")))
            .as("not by bytes")
            .isEqualTo(Session.ask(one, Question.of("select true")));
      }
      assertAnswers(databases, new ByRouter(databases));
    }
  }

  /** There are four shards: two of them always wait for the others. */
  @Test
  void withFewerShardsAtATimeThanThereAre() throws SQLException {
    ScatterOptions narrow =
        new ScatterOptions(
            SCATTER.deadline(),
            /* parallelism= */ 2,
            SCATTER.fetchSize(),
            SCATTER.maxRows(),
            SCATTER.maxBytes());
    try (FourAndOne databases = FourAndOne.withAllTables()) {
      assertAnswers(databases, new ByRouter(databases, narrow));
    }
  }

  /** By another way perhaps: text is not merged in the JVM where a language orders it. */
  private static void assertAnswers(FourAndOne databases, ByRouter router) throws SQLException {
    List<String> wrong = new ArrayList<>();
    try (Connection one = databases.connect("one")) {
      for (CorpusCase each : Corpus.queries(databases.majorVersion())) {
        if (!each.driverOnly()) {
          Outcome expected = OnePostgres.ask(one, each);
          Answered answered = new Answered(router.ask(each.question()).outcome(), each.level());
          Judge.wrong(each, expected, answered, OnePostgres.choice(one, each))
              .ifPresent(what -> wrong.add(each + "\n   " + what));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }
}

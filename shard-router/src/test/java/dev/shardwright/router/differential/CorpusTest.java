package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CorpusTest {
  @Test
  void readsStatementsOfSeveralLinesWithTheirOptions() {
    List<CorpusCase> cases =
        Corpus.of(
            "some.txt",
            """
            # A topic

            merge: select a
              from t order by a
                @with int 3, text x y, null
                @ties 1 2
                @out-of select a from t
                @set time zone 'UTC'
                @since 16
                @empty
            refused SW104 random: select random(), ':'
            fails 22012: select (1 / 0)
            """);
    assertThat(cases).hasSize(3);
    CorpusCase first = cases.get(0);
    assertThat(first.at()).isEqualTo("some.txt:3");
    assertThat(first.level()).isEqualTo("merge");
    assertThat(first.question().sql()).isEqualTo("select a\n  from t order by a");
    assertThat(first.question().arguments()).containsExactly(3, "x y", null);
    assertThat(first.open().keys()).containsExactly(1, 2);
    assertThat(first.open().ordered()).isTrue();
    assertThat(first.all()).isPresent();
    assertThat(first.before()).containsExactly("set time zone 'UTC'");
    assertThat(first.since()).isEqualTo(16);
    assertThat(first.empty()).isTrue();
    assertThat(cases.get(1).since()).isZero();
    assertThat(cases.get(1).empty()).isFalse();
    assertThat(cases.get(1).level()).isEqualTo("refused");
    assertThat(cases.get(1).why()).containsExactly("SW104", "random");
    assertThat(cases.get(1).open().ordered()).isFalse();
    assertThat(cases.get(2).why()).containsExactly("22012");
  }

  @Test
  void readsWhatIsWrittenForAGeneratedStatement() {
    Generated generated =
        Generated.of(
            "select a from t where b = " + "\u00010\u0001",
            List.of(7L),
            Openness.ORDER.withClose(Set.of(1)));
    List<CorpusCase> cases = Corpus.of("x", generated.line("merge"));
    assertThat(cases).hasSize(1);
    assertThat(cases.get(0).question()).isEqualTo(generated.question());
    assertThat(cases.get(0).open()).isEqualTo(generated.open());
  }

  @Test
  void refusesWhatSaysNoExpectation() {
    assertThatThrownBy(() -> Corpus.of("x", "select 1")).hasMessageContaining("x:1");
    assertThatThrownBy(() -> Corpus.of("x", "merge: select 1\n    @nothing"))
        .hasMessageContaining("@nothing");
    assertThatThrownBy(() -> Corpus.of("x", "\n    @ties 1")).hasMessageContaining("x:2");
  }

  @Test
  void findsOrderOnlyOutsideOfBrackets() {
    assertThat(Corpus.of("x", "merge: select (select 1 order by 1)").get(0).open().ordered())
        .isFalse();
    assertThat(Corpus.of("x", "merge: select f((1)) Order By 1").get(0).open().ordered()).isTrue();
  }
}

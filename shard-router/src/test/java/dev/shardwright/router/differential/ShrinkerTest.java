package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
  @Test
  void findsTheShortestAndSmallestChoicesThatStayInteresting() {
    Tape tape = Tape.drawn(42);
    for (int i = 0; i < 200; i++) {
      tape.below(1000);
    }
    List<Integer> shrunk =
        Shrinker.shrink(
            tape.choices(),
            choices -> choices.stream().filter(choice -> choice >= 500).count() >= 2,
            20_000);
    assertThat(shrunk).containsExactly(500, 500);
  }

  @Test
  void keepsWhatItStartedWithWhenNothingSimplerIsInteresting() {
    List<Integer> start = List.of(3, 1, 4);
    assertThat(Shrinker.shrink(start, start::equals, 1000)).isEqualTo(start);
  }

  @Test
  void stopsAfterSoManyTries() {
    int[] asked = {0};
    Shrinker.shrink(
        List.of(100, 100, 100),
        choices -> {
          asked[0]++;
          return choices.size() == 3;
        },
        5);
    assertThat(asked[0]).isEqualTo(5);
  }

  @Test
  void generatesTheSameStatementFromTheSameChoices() {
    for (long seed = 0; seed < 200; seed++) {
      Tape drawn = Tape.drawn(seed);
      Generated statement = StatementGenerator.from(drawn);
      assertThat(StatementGenerator.from(Tape.of(drawn.choices()))).isEqualTo(statement);
    }
  }

  @Test
  void generatesASimpleStatementFromNoChoices() {
    assertThat(StatementGenerator.from(Tape.of(List.of())).question())
        .isEqualTo(Question.of("select t0.id as c0 from rare t0"));
  }
}

package dev.shardwright.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.bench.compare.Comparison;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTest {
  private static final Comparison SHORT = new Comparison(1, 1, 1);

  @Test
  void timesNobodyWhoAnswersOtherwiseThanTheFloorOrNotAtAll() throws Exception {
    Result result =
        Result.of(
            Work.COUNT,
            List.of(
                answering("floor", 7L),
                answering("same", 7L),
                answering("wrong", 8L),
                new Contestant(
                    "failing",
                    (work, random) -> {
                      throw new IllegalStateException("no such statement");
                    })),
            SHORT);
    assertThat(result.outcomes()).containsOnlyKeys("floor", "same");
    assertThat(result.objections()).containsOnlyKeys("wrong", "failing");
    assertThat(printed(List.of("floor", "same", "wrong", "failing"), result))
        .containsPattern("\\| count \\| \\d+ us \\| .* \\| another answer \\| fails \\|")
        .contains("count, wrong: another answer: 8, by hand 7")
        .contains("count, failing: fails: java.lang.IllegalStateException: no such statement");
  }

  @Test
  void letsTheAccountsOfManyKeysComeInAnyOrderAndNoOthers() throws Exception {
    Account first = account(1);
    Account second = account(2);
    List<Contestant> contestants =
        List.of(
            answering("floor", List.of(first, second)),
            answering("turned round", List.of(second, first)),
            answering("doubled", List.of(first, second, second)));
    assertThat(Result.of(Work.MULTI_GET, contestants, SHORT).outcomes())
        .containsOnlyKeys("floor", "turned round");
    assertThat(Result.of(Work.FIRST_PAGE, contestants, SHORT).outcomes()).containsOnlyKeys("floor");
  }

  private static Account account(long id) {
    return new Account(id, "owner", BigDecimal.ONE);
  }

  private static Contestant answering(String name, Object answer) {
    return new Contestant(name, (work, random) -> answer);
  }

  private static String printed(List<String> names, Result result) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    new Report(names, List.of(result), new PrintStream(printed, true, StandardCharsets.UTF_8))
        .print();
    return printed.toString(StandardCharsets.UTF_8);
  }
}

package dev.shardwright.router.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.differential.Outcome.Column;
import dev.shardwright.router.differential.Outcome.Failed;
import dev.shardwright.router.differential.Outcome.Rows;
import dev.shardwright.router.differential.Outcome.Written;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A comparer that finds nothing proves nothing. */
class ComparerTest {
  private static final Rows ANSWER = rows("1|a", "2|b", "2|c", "3|null");

  @Test
  void seesTheSameAsTheSame() {
    assertThat(difference(ANSWER, ANSWER, Openness.NOTHING)).isEmpty();
    assertThat(difference(ANSWER, ANSWER, Openness.ORDER)).isEmpty();
    assertThat(difference(new Written(3), new Written(3), Openness.NOTHING)).isEmpty();
  }

  @Test
  void seesALostADoubledAndAnExchangedRow() {
    for (Openness open : List.of(Openness.NOTHING, Openness.ORDER)) {
      assertThat(difference(ANSWER, rows("1|a", "2|b", "2|c"), open)).isPresent();
      assertThat(difference(ANSWER, rows("1|a", "2|b", "2|c", "3|null", "3|null"), open))
          .isPresent();
      assertThat(difference(ANSWER, rows("1|a", "2|b", "2|b", "3|null"), open)).isPresent();
      assertThat(difference(ANSWER, rows("1|a", "2|b", "2|c", "3|"), open)).isPresent();
      assertThat(difference(ANSWER, rows("1|a", "2|b", "2|c", "3.0|null"), open)).isPresent();
    }
  }

  @Test
  void seesTheOrderWhereThereIsOne() {
    Rows exchanged = rows("1|a", "2|c", "2|b", "3|null");
    Openness byFirst = Openness.NOTHING.withKeys(List.of(1));
    assertThat(difference(ANSWER, exchanged, Openness.NOTHING)).isPresent();
    assertThat(difference(ANSWER, exchanged, Openness.ORDER)).isEmpty();
    assertThat(difference(ANSWER, exchanged, byFirst)).isEmpty();
    assertThat(difference(ANSWER, rows("2|b", "1|a", "2|c", "3|null"), byFirst)).isPresent();
    assertThat(difference(ANSWER, rows("1|b", "2|a", "2|c", "3|null"), byFirst)).isPresent();
  }

  @Test
  void letsRowsBeChosenOnlyAmongThoseThatMayBe() {
    Openness open = Openness.NOTHING.withKeys(List.of(1)).withOutOf("all");
    Rows first = rows("1|a", "2|b");
    assertThat(difference(first, rows("1|a", "2|c"), open, ANSWER)).isEmpty();
    assertThat(difference(first, rows("1|a", "2|x"), open, ANSWER)).isPresent();
    assertThat(difference(first, rows("1|a", "3|null"), open, ANSWER)).isPresent();
    assertThat(difference(first, rows("1|a"), open, ANSWER)).isPresent();
    assertThat(
            difference(
                rows("2|b", "2|c"), rows("2|b", "2|b"), Openness.ORDER.withOutOf("all"), ANSWER))
        .isPresent();
  }

  @Test
  void letsSumsOfFloatsDifferInTheLastDigitsOnly() {
    Openness open = Openness.NOTHING.withClose(Set.of(1));
    assertThat(difference(rows("0.3|x"), rows("0.30000000000000004|x"), open)).isEmpty();
    assertThat(difference(rows("0.3|x"), rows("0.300000000001|x"), open)).isPresent();
    assertThat(difference(rows("NaN|x"), rows("NaN|x"), open)).isEmpty();
    assertThat(difference(rows("NaN|x"), rows("0.3|x"), open)).isPresent();
    assertThat(difference(rows("Infinity|x"), rows("1e308|x"), open)).isPresent();
    assertThat(difference(rows("0|x"), rows("1e-13|x"), open)).isPresent();
    assertThat(difference(rows("0.3|x"), rows("0.30000000000000004|x"), Openness.NOTHING))
        .isPresent();
  }

  @Test
  void letsListsComeInAnyOrderOnlyWhereToldSo() {
    Openness open = Openness.NOTHING.withBags(Set.of(2));
    assertThat(difference(rows("1|{a,b,b}"), rows("1|{b,a,b}"), open)).isEmpty();
    assertThat(difference(rows("1|{a,b,b}"), rows("1|{b,a,a}"), open)).isPresent();
    assertThat(difference(rows("1|{a,b}"), rows("1|{a,b,b}"), open)).isPresent();
    assertThat(difference(rows("1|[1, 2]"), rows("1|[2, 1]"), open)).isEmpty();
    assertThat(difference(rows("1|a,b"), rows("1|b,a"), Openness.NOTHING)).isPresent();
  }

  @Test
  void takesEqualValuesOfAnotherFormOnlyWhereToldSo() {
    assertThat(alike("numeric", "1.0", "1.00")).isEmpty();
    assertThat(alike("numeric", "1.0", "1.01")).isPresent();
    assertThat(alike("numeric", "NaN", "1.01")).isPresent();
    assertThat(alike("float8", "-0", "0")).isEmpty();
    assertThat(alike("float8", "1", "2")).isPresent();
    assertThat(alike("text", "MAX", "max")).isEmpty();
    assertThat(alike("text", "MAX", "min")).isPresent();
    assertThat(alike("interval", "1 day", "24:00:00")).isEmpty();
    assertThat(alike("interval", "1 mon", "30 days")).isEmpty();
    assertThat(alike("interval", "1 day", "infinity")).isPresent();
    assertThat(alike("interval", "00:00:00.000001", "00:00:00")).isPresent();
    assertThat(alike("jsonb", "{\"a\": 1.0}", "{\"a\": 1}")).isEmpty();
    assertThat(alike("jsonb", "{\"a\": 1.01}", "{\"a\": 1}")).isPresent();
    assertThat(alike("int8", "1", "01")).isPresent();
    assertThat(difference(rows("1.0|x"), rows("1.00|x"), Openness.NOTHING)).isPresent();
  }

  @Test
  void seesOtherNamesAndTypesOfColumns() {
    Rows renamed =
        new Rows(List.of(column("N", "numeric"), ANSWER.columns().get(1)), ANSWER.rows());
    Rows retyped = new Rows(List.of(column("n", "int4"), ANSWER.columns().get(1)), ANSWER.rows());
    assertThat(difference(ANSWER, renamed, Openness.NOTHING)).isPresent();
    assertThat(difference(ANSWER, new Rows(List.of(), ANSWER.rows()), Openness.NOTHING))
        .isPresent();
    assertThat(difference(ANSWER, retyped, Openness.NOTHING)).isPresent();
    Rows bounded =
        new Rows(
            List.of(new Column("n", "numeric", 12, 2), ANSWER.columns().get(1)), ANSWER.rows());
    assertThat(difference(ANSWER, bounded, Openness.NOTHING)).isPresent();
  }

  @Test
  void takesNoErrorForAnAnswerNorOneErrorForAnother() {
    Failed divided = new Failed("22012", "division by zero");
    assertThat(difference(divided, divided, Openness.NOTHING)).isEmpty();
    assertThat(difference(divided, ANSWER, Openness.NOTHING)).isPresent();
    assertThat(difference(ANSWER, divided, Openness.NOTHING)).isPresent();
    assertThat(difference(divided, new Failed("42703", "no column"), Openness.NOTHING)).isPresent();
    assertThat(difference(divided, new Failed("SW104", "refused"), Openness.NOTHING)).isEmpty();
    assertThat(difference(ANSWER, new Written(4), Openness.NOTHING)).isPresent();
    assertThat(difference(new Written(3), new Written(4), Openness.NOTHING)).isPresent();
  }

  private static Optional<String> alike(String type, String one, String other) {
    Openness open = Openness.NOTHING.withAlike(Set.of(1));
    return difference(value(type, one), value(type, other), open);
  }

  private static Rows value(String type, String value) {
    return new Rows(List.of(column("v", type)), List.of(List.of(value)));
  }

  private static Rows rows(String... rows) {
    List<List<@Nullable String>> values = new ArrayList<>();
    for (String row : rows) {
      List<@Nullable String> cells = new ArrayList<>();
      Arrays.stream(row.split("\\|", -1))
          .forEach(cell -> cells.add(cell.equals("null") ? null : cell));
      values.add(cells);
    }
    return new Rows(List.of(column("n", "numeric"), column("t", "text")), values);
  }

  private static Column column(String name, String type) {
    return new Column(name, type, 0, 0);
  }

  private static Optional<String> difference(Outcome one, Outcome other, Openness open) {
    return Comparer.difference(one, other, open, Optional.empty());
  }

  private static Optional<String> difference(Outcome one, Outcome other, Openness open, Rows all) {
    return Comparer.difference(one, other, open, Optional.of(all));
  }
}

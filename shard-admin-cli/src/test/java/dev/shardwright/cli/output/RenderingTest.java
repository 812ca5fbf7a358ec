package dev.shardwright.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RenderingTest {
  private static final Answer ANSWER =
      Answer.EMPTY
          .fact("epoch", Cell.of(1_234))
          .fact("leaderName", Cell.none())
          .table(
              "shards",
              List.of("id", "maxOverAverage", "size", "pause", "draining", "tables"),
              List.of(
                  row("s1", 1.25, 999_950, Duration.ofMillis(4), true, List.of("a", "b")),
                  row(
                      "shard-2",
                      Double.POSITIVE_INFINITY,
                      7,
                      Duration.ofSeconds(75),
                      false,
                      List.of())))
          .lines("advice", List.of("create an index"));

  @Test
  void textIsAlignedForPeople() {
    assertThat(new TextRendering(false).render(ANSWER))
        .isEqualTo(
            """
            epoch        1,234
            leader name  -

            shards:
            ID       MAX OVER AVERAGE    SIZE        PAUSE  DRAINING  TABLES
            s1                  1.250  1.0 MB       4.0 ms  yes       a, b
            shard-2          Infinity     7 B  1 min 15 s  no        -
            create an index
            """
                .replace("       4.0 ms", "      4.0 ms")
                .replace("        PAUSE", "       PAUSE"));
  }

  /** After an import they are beyond a million. */
  @Test
  void numbersByWhichThingsAreCalledAreAsTheyAreTyped() {
    Answer answer =
        Answer.EMPTY.table(
            "routers",
            List.of("number", "epoch"),
            List.of(List.of(Cell.number(10_001), Cell.number(1_000_026))));
    assertThat(new TextRendering(false).render(answer)).contains("10001  1000026");
    assertThat(Cell.number(7).isNumber()).as("aligned to the right").isTrue();
    assertThat(JsonRendering.oneLine(answer))
        .isEqualTo("{\"routers\":[{\"number\":10001,\"epoch\":1000026}]}");
  }

  @Test
  void timesAreCutWhereItDoesNotMatter() {
    assertThat(
            List.of(999L, 1_049L, 1_950L, 9_949L, 9_999L, 10_000L, 59_999L, 60_000L).stream()
                .map(Duration::ofMillis)
                .map(Units::time))
        .containsExactly(
            "999.0 ms", "1.0 s", "1.9 s", "9.9 s", "9.9 s", "10 s", "59 s", "1 min 0 s");
  }

  @Test
  void jsonKeepsNamesAndPlainNumbers() {
    assertThat(JsonRendering.oneLine(ANSWER))
        .isEqualTo(
            "{\"epoch\":1234,\"leaderName\":null,\"shards\":["
                + "{\"id\":\"s1\",\"maxOverAverage\":1.25,\"size\":999950,\"pause\":4.0,"
                + "\"draining\":true,\"tables\":[\"a\",\"b\"]},"
                + "{\"id\":\"shard-2\",\"maxOverAverage\":null,\"size\":7,\"pause\":75000.0,"
                + "\"draining\":false,\"tables\":[]}],\"advice\":[\"create an index\"]}");
  }

  @Test
  void rowsOfQueriesMayHaveAnyColumnNames() {
    Answer answer =
        Answer.EMPTY.with(
            new Part.Grid(
                "rows",
                List.of("count", "count"),
                List.of(List.of(Cell.of(3), Cell.of("a\u001b[2Jb\n")))));
    assertThat(JsonRendering.oneLine(answer))
        .isEqualTo("{\"columns\":[\"count\",\"count\"],\"rows\":[[3,\"a\\u001B[2Jb\\n\"]]}");
    assertThat(new TextRendering(false).render(answer)).isEqualTo("count  count\n    3  a [2Jb\n");
  }

  @Test
  void whatADatabaseSaidDoesNotSteerTheTerminal() {
    String hostile = "\u001b]0;a\u0007\u009b2J\u0085\u007f\r";
    Answer answer =
        Answer.EMPTY
            .fact("note", Cell.of(hostile + "x\ny"))
            .table("keys", List.of("key"), List.of(List.of(Cell.of(hostile + "x\ny"))))
            .lines("problems", List.of(hostile + "x"));
    assertThat(new TextRendering(false).render(answer))
        .isEqualTo("note   ]0;a  2J   x\ny\n\nkeys:\nKEY\n ]0;a  2J   x y\n ]0;a  2J   x\n");
    assertThat(Printable.lines("ä 日 \u00a0\t\n")).isEqualTo("ä 日 \u00a0\t\n");
  }

  @Test
  void headingsStandOutOnATerminalOnly() {
    assertThat(new TextRendering(true).render(ANSWER)).contains("\u001b[1mID");
    assertThat(new TextRendering(false).render(ANSWER)).doesNotContain("\u001b");
  }

  @Test
  void aTableThatIsNoneCannotBeBuilt() {
    assertThatThrownBy(() -> Answer.EMPTY.table("t", List.of("a"), List.of(List.of())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Cell> row(
      String id, double ratio, long size, Duration pause, boolean draining, List<String> tables) {
    return List.of(
        Cell.of(id),
        Cell.ratio(ratio),
        Cell.bytes(size),
        Cell.time(pause),
        Cell.of(draining),
        Cell.items(tables));
  }
}

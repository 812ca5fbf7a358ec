package dev.shardwright.router.internal.scatter;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.Explanation;
import dev.shardwright.router.Explanation.Level;
import dev.shardwright.router.ScatterOptions;
import dev.shardwright.router.internal.merge.RowWindow;
import dev.shardwright.router.internal.scatter.merging.Windows;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.answer.SortKey;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** Says how a query over several shards is carried out. Pure. */
public final class Explaining {
  private static final String LAST = "on one shard, at last: ";

  private final ParameterValues values;
  private final ScatterOptions options;

  /**
   * @param values of the parameters, which may say how many rows are wanted
   */
  public Explaining(ParameterValues values, ScatterOptions options) {
    this.values = values;
    this.options = options;
  }

  /** A statement that one shard carries out as it is. */
  public static Explanation asItIs(Level level, List<ShardId> shards, Analysis analysis) {
    return new Explanation(
        level,
        shards,
        List.of(analysis.text().text()),
        "what the shard answers",
        "one statement, one round trip",
        List.of());
  }

  /** A query that several shards have to answer together. */
  public Explanation overShards(SortedSet<ShardId> shards, List<Answer> answers) {
    Answer first = answers.get(0);
    List<Level> others =
        answers.stream()
            .skip(1)
            .map(Explaining::level)
            .distinct()
            .filter(level -> level != level(first))
            .toList();
    return new Explanation(
        level(first),
        List.copyOf(shards),
        statements(first),
        answer(first),
        cost(first, shards.size()),
        others);
  }

  /** How several shards' answer is put together. */
  static Level level(Answer answer) {
    if (answer instanceof Combine) {
      return Level.COMBINE;
    }
    return answer instanceof Gather ? Level.GATHER : Level.MERGE;
  }

  private static List<String> statements(Answer answer) {
    if (answer instanceof MergeRows rows) {
      return List.of(rows.part().text());
    }
    if (answer instanceof MergeGroups groups) {
      return List.of(groups.part().text());
    }
    if (answer instanceof Combine combine) {
      return List.of(combine.part().text());
    }
    Gather gather = (Gather) answer;
    List<String> statements = new ArrayList<>();
    for (Gather.Copy copy : gather.copies()) {
      statements.add(
          "select %s from %s%s"
              .formatted(
                  copy.columns()
                      .map(names -> "primary key, and of these what there is: " + names)
                      .orElse("*"),
                  copy.table(),
                  copy.condition().map(where -> " where " + where.text()).orElse("")));
    }
    statements.add(LAST + gather.last().text());
    return statements;
  }

  private String answer(Answer answer) {
    if (answer instanceof MergeRows rows) {
      return (rows.order().isEmpty()
              ? "the shards' rows, one shard after the other"
              : "the shards' rows, interleaved by " + order(rows.order()))
          + (rows.distinct() ? ", doubles left out" : "")
          + window(Windows.of(rows.cut(), values));
    }
    if (answer instanceof MergeGroups groups) {
      return "groups of the same key become one, column by column: "
          + groups.columns()
          + (groups.order().isEmpty() ? "" : "; then sorted by " + order(groups.order()))
          + window(Windows.of(groups.cut(), values));
    }
    if (answer instanceof Combine) {
      return "the partial rows of all shards go as arrays to a last query on one shard";
    }
    return "the query runs over temporary copies on one shard";
  }

  private String cost(Answer answer, int shards) {
    String limits =
        "at most %s rows and %s bytes in all".formatted(options.maxRows(), options.maxBytes());
    if (answer instanceof MergeRows rows) {
      long reach = Windows.of(rows.cut(), values).reach();
      return reach == RowWindow.ALL
          ? "all rows that match, through constant memory once they are more than a few thousand"
          : "at most %s rows of each of %s shards".formatted(reach, shards);
    }
    if (answer instanceof MergeGroups groups) {
      return "one row a group of each of %s shards".formatted(shards)
          + (groups.order().isEmpty() ? "" : ", sorted in memory: " + limits);
    }
    return answer instanceof Combine
        ? "the partial rows of %s shards and a last query: %s".formatted(shards, limits)
        : "the rows of %s tables of %s shards are copied: %s"
            .formatted(((Gather) answer).copies().size(), shards, limits);
  }

  private static String order(List<SortKey> keys) {
    return keys.stream()
        .map(
            key ->
                "column %s%s nulls %s"
                    .formatted(
                        key.column(),
                        key.descending() ? " desc" : "",
                        key.nullsFirst() ? "first" : "last"))
        .collect(Collectors.joining(", "));
  }

  private static String window(RowWindow window) {
    String offset = window.offset() == 0 ? "" : ", without the first " + window.offset();
    String limit =
        window.limit() == RowWindow.ALL
            ? ""
            : ", then %s rows%s".formatted(window.limit(), window.withTies() ? " and ties" : "");
    return offset + limit;
  }
}

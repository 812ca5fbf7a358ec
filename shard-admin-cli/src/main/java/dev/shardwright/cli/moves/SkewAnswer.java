package dev.shardwright.cli.moves;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.HeavyKey;
import dev.shardwright.rebalance.plan.Skew;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How uneven the shards are, as an answer. */
public final class SkewAnswer {
  private static final List<String> RINGS =
      List.of("ring", "goal", "maxOverAverage", "virtualNodesMaxOverAverage");
  private static final List<String> SHARDS =
      List.of("ring", "goal", "shard", "amount", "share", "fullness");
  private static final List<String> NODES =
      List.of("ring", "goal", "shard", "firstToken", "lastToken", "amount");
  private static final List<String> KEYS =
      List.of("ring", "goal", "key", "token", "rows", "bytes", "load", "tooHeavy", "pinned");

  private SkewAnswer() {}

  /**
   * What was measured.
   *
   * @param top how many virtual nodes and keys of each ring are named
   */
  public static Answer of(List<Skew> skews, int top) {
    List<List<Cell>> shards = new ArrayList<>();
    List<List<Cell>> nodes = new ArrayList<>();
    List<List<Cell>> keys = new ArrayList<>();
    for (Skew skew : skews) {
      skew.shards()
          .forEach(
              (shard, part) ->
                  shards.add(
                      row(
                          skew,
                          Cell.of(shard),
                          amount(skew.goal(), part.amount()),
                          amount(skew.goal(), part.share()),
                          Cell.ratio(part.fullness()))));
      skew.fullestNodes().stream().limit(top).forEach(node -> nodes.add(row(skew, node)));
      skew.largestKeys().stream().limit(top).forEach(key -> keys.add(row(skew, key)));
    }
    return Answer.EMPTY
        .table("rings", RINGS, skews.stream().map(SkewAnswer::row).toList())
        .table("shards", SHARDS, shards)
        .table("fullestVirtualNodes", NODES, nodes)
        .table("largestKeys", KEYS, keys);
  }

  private static List<Cell> row(Skew skew) {
    return row(skew, Cell.ratio(skew.maxOverAverage()), Cell.ratio(skew.virtualNodes()));
  }

  private static List<Cell> row(Skew skew, Skew.Node node) {
    return row(
        skew,
        Cell.of(node.node().owner()),
        Cell.of(Long.toString(node.node().range().first())),
        Cell.of(Long.toString(node.node().range().last())),
        amount(skew.goal(), node.amount()));
  }

  private static List<Cell> row(Skew skew, HeavyKey key) {
    return row(
        skew,
        Cell.of(key.key()),
        Cell.of(Long.toString(key.token())),
        Cell.of(key.volume().rows()),
        Cell.bytes(key.volume().bytes()),
        Cell.of(key.volume().load()),
        Cell.of(skew.heavyKeys().contains(key)),
        Cell.of(key.pinned()));
  }

  private static List<Cell> row(Skew skew, Cell... cells) {
    List<Cell> row = new ArrayList<>();
    row.add(Cell.of(skew.ring()));
    row.add(Cell.of(skew.goal().name().toLowerCase(Locale.ROOT)));
    row.addAll(List.of(cells));
    return row;
  }

  private static Cell amount(Goal goal, double amount) {
    return switch (goal) {
      case TOKENS -> Cell.ratio(amount);
      case BYTES -> Cell.bytes(Math.round(amount));
      case ROWS, LOAD -> Cell.of(Math.round(amount));
    };
  }
}

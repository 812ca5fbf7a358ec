package dev.shardwright.cli.moves;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.HeavyKey;
import dev.shardwright.rebalance.plan.Skew;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code skew}. */
@Command(
    name = "skew",
    description = "Measures how uneven the shards are, and names the fullest nodes and keys.",
    footer = {
      "",
      "By tokens from the topology, by rows and bytes from samples, by load from what routers report.",
      "",
      "Examples:",
      "  shard-admin skew",
      "  shard-admin skew --watch --every 1m --output json"
    })
public final class SkewCommand implements Callable<Integer> {
  private static final List<String> RINGS =
      List.of("ring", "goal", "maxOverAverage", "virtualNodesMaxOverAverage");
  private static final List<String> SHARDS =
      List.of("ring", "goal", "shard", "amount", "share", "fullness");
  private static final List<String> NODES =
      List.of("ring", "goal", "shard", "firstToken", "lastToken", "amount");
  private static final List<String> KEYS =
      List.of("ring", "goal", "key", "token", "rows", "bytes", "load", "tooHeavy");

  private final Session session;

  @Option(names = "--watch", description = "Measure again and again, until interrupted.")
  private boolean watch;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      description = "With --watch: how long to wait in between (default: 30s).")
  private Duration every = Duration.ofSeconds(30);

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Name so many virtual nodes and keys of each ring (default: 3, at most 10).")
  private int top = 3;

  /** For one run of the program. */
  public SkewCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (Rebalancer rebalancer = session.rebalancer()) {
      if (!watch) {
        session.print(answer(rebalancer.skew()));
        return ExitCode.DONE;
      }
      while (true) {
        session.printNext(answer(rebalancer.skew()));
        Thread.sleep(every.toMillis());
      }
    }
  }

  private Answer answer(List<Skew> skews) {
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
        .table("rings", RINGS, skews.stream().map(SkewCommand::row).toList())
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
        Cell.of(skew.heavyKeys().contains(key)));
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

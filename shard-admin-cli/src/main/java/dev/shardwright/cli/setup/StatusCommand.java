package dev.shardwright.cli.setup;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.Settings;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.Leader;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code status}. */
@Command(
    name = "status",
    description = "Shows the cluster at a glance: shards, keyspaces, range moves, routers, leader.",
    footer = {"", "Example:", "  shard-admin status --output json"})
public final class StatusCommand implements Callable<Integer> {
  private static final List<String> MOVE_COLUMNS =
      List.of("migration", "keyspace", "region", "source", "target", "owner", "held");

  private final Session session;

  /** For one run of the program. */
  public StatusCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = session.settings();
    try (ZooKeeperCluster cluster = session.cluster()) {
      Topology topology = cluster.topologyStore().read();
      String leader = cluster.election().leader().map(Leader::name).orElse("");
      session.print(
          Answer.EMPTY
              .fact("cluster", Cell.of(settings.cluster()))
              .fact("epoch", Cell.of(topology.epoch().value()))
              .fact("routers", Cell.of(cluster.routers().size()))
              .fact("leader", leader.isEmpty() ? Cell.none() : Cell.of(leader))
              .with(Overview.shards(topology))
              .with(Overview.keyspaces(topology))
              .table(
                  "moves",
                  MOVE_COLUMNS,
                  topology.moves().values().stream().map(StatusCommand::row).toList()));
      return ExitCode.DONE;
    }
  }

  private static List<Cell> row(RangeMove move) {
    return List.of(
        Cell.of(move.number()),
        Cell.of(move.keyspace()),
        Cell.of(move.region()),
        Cell.of(move.source()),
        Cell.of(move.target()),
        Cell.of(move.owner()),
        Cell.of(move.held()));
  }
}

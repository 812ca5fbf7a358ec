package dev.shardwright.cli.setup;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.Leader;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.List;

/** A cluster at a glance, as an answer. */
public final class StatusAnswer {
  private static final List<String> MOVE_COLUMNS =
      List.of("migration", "keyspace", "region", "source", "target", "owner", "held");

  private StatusAnswer() {}

  /**
   * What ZooKeeper says now.
   *
   * @param name the cluster's
   */
  public static Answer of(String name, ZooKeeperCluster cluster) {
    Topology topology = cluster.topologyStore().read();
    String leader = cluster.election().leader().map(Leader::name).orElse("");
    return Answer.EMPTY
        .fact("cluster", Cell.of(name))
        .fact("epoch", Cell.number(topology.epoch().value()))
        .fact("routers", Cell.of(cluster.routers().size()))
        .fact("leader", leader.isEmpty() ? Cell.none() : Cell.of(leader))
        .with(Overview.shards(topology))
        .with(Overview.keyspaces(topology))
        .table(
            "moves",
            MOVE_COLUMNS,
            topology.moves().values().stream().map(StatusAnswer::row).toList());
  }

  private static List<Cell> row(RangeMove move) {
    return List.of(
        Cell.number(move.number()),
        Cell.of(move.keyspace()),
        Cell.of(move.region()),
        Cell.of(move.source()),
        Cell.of(move.target()),
        Cell.of(move.owner()),
        Cell.of(move.held()));
  }
}

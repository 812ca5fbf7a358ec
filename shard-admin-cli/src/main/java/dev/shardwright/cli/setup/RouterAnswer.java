package dev.shardwright.cli.setup;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.List;

/** The routers of a cluster, as an answer. */
public final class RouterAnswer {
  private static final List<String> COLUMNS =
      List.of("number", "host", "pid", "version", "epoch", "behind");

  private RouterAnswer() {}

  /** Those that are registered now, and how many epochs each is behind. */
  public static Answer of(ZooKeeperCluster cluster) {
    long newest = cluster.topologyStore().read().epoch().value();
    return Answer.EMPTY
        .fact("epoch", Cell.number(newest))
        .table(
            "routers",
            COLUMNS,
            cluster.routers().stream().map(router -> row(router, newest)).toList());
  }

  private static List<Cell> row(RegisteredRouter router, long newest) {
    return List.of(
        Cell.number(router.number()),
        Cell.of(router.description().host()),
        Cell.of(Long.toString(router.description().pid())),
        Cell.of(router.description().version()),
        Cell.number(router.epoch().value()),
        Cell.of(Math.max(0, newest - router.epoch().value())));
  }
}

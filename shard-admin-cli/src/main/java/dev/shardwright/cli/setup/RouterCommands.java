package dev.shardwright.cli.setup;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code router …}. */
@Command(
    name = "router",
    description = "Shows the routers of the services.",
    synopsisSubcommandLabel = "COMMAND")
public final class RouterCommands {
  private static final List<String> COLUMNS =
      List.of("number", "host", "pid", "version", "epoch", "behind");

  private final Session session;

  /** For one run of the program. */
  public RouterCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "list",
      description = "Lists the routers, and how many epochs each is behind.",
      footer = {"", "Example:", "  shard-admin router list"})
  int list() {
    try (ZooKeeperCluster cluster = session.cluster()) {
      long newest = cluster.topologyStore().read().epoch().value();
      session.print(
          Answer.EMPTY
              .fact("epoch", Cell.of(newest))
              .table(
                  "routers",
                  COLUMNS,
                  cluster.routers().stream().map(router -> row(router, newest)).toList()));
      return ExitCode.DONE;
    }
  }

  private static List<Cell> row(RegisteredRouter router, long newest) {
    return List.of(
        Cell.of(router.number()),
        Cell.of(router.description().host()),
        Cell.of(Long.toString(router.description().pid())),
        Cell.of(router.description().version()),
        Cell.of(router.epoch().value()),
        Cell.of(Math.max(0, newest - router.epoch().value())));
  }
}

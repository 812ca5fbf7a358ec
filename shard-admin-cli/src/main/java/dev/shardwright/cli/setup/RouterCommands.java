package dev.shardwright.cli.setup;

import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import picocli.CommandLine.Command;

/** {@code router …}. */
@Command(
    name = "router",
    description = "Shows the routers of the services.",
    synopsisSubcommandLabel = "COMMAND")
public final class RouterCommands {
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
      session.print(RouterAnswer.of(cluster));
      return ExitCode.DONE;
    }
  }
}

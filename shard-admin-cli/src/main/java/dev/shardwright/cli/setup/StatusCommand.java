package dev.shardwright.cli.setup;

import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.Settings;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code status}. */
@Command(
    name = "status",
    description = "Shows the cluster at a glance: shards, keyspaces, range moves, routers, leader.",
    footer = {"", "Example:", "  shard-admin status --output json"})
public final class StatusCommand implements Callable<Integer> {
  private final Session session;

  /** For one run of the program. */
  public StatusCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = session.settings();
    try (ZooKeeperCluster cluster = session.cluster()) {
      session.print(StatusAnswer.of(settings.cluster(), cluster));
      return ExitCode.DONE;
    }
  }
}

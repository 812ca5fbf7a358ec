package dev.shardwright.cli.setup;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Session;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code init}. */
@Command(
    name = "init",
    description =
        "Sets the cluster up in ZooKeeper: from then on there is a topology, still empty.",
    footer = {"", "Example:", "  shard-admin init --zookeeper zk1:2181 --cluster prod"})
public final class InitCommand implements Callable<Integer> {
  private final Session session;

  /** For one run of the program. */
  public InitCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (ClusterAdmin admin = session.admin()) {
      session.printDone(
          "Cluster " + session.settings().cluster() + " is set up: add its first shard now",
          admin.init());
      return ExitCode.DONE;
    }
  }
}

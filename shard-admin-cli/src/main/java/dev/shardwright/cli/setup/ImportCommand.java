package dev.shardwright.cli.setup;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.Settings;
import dev.shardwright.internal.codec.KeptTopology;
import dev.shardwright.topology.zookeeper.GivenNumbers;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code import}. */
@Command(
    name = "import",
    description = "Puts an exported topology into a ZooKeeper that has lost it. Routers go on.",
    footer = {
      "",
      "Refused where there is a topology, and if the databases own other ranges than the file says:",
      "then the file is older than the last rebalance. Run shard-admin fsck afterwards.",
      "",
      "Example:",
      "  shard-admin import prod-topology.json"
    })
public final class ImportCommand implements Callable<Integer> {
  /** Numbers that may have been given since the export. */
  private static final int MARGIN = 10_000;

  /** Of routers so many more: each start of one takes a number, as doctor and explain do. */
  private static final int ROUTER_MARGIN = 1_000_000;

  private final Session session;

  @Parameters(paramLabel = "FILE", description = "What shard-admin export has written.")
  private Path file = Path.of("");

  @Option(
      names = "--despite-objections",
      description = "Import it though the databases say otherwise. Rows may become invisible.")
  private boolean despiteObjections;

  /** For one run of the program. */
  public ImportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Settings settings = session.settings();
    KeptTopology kept = read();
    if (!kept.cluster().equals(settings.cluster())) {
      throw new NotDone(
          "%s is of cluster %s, not of %s: name the cluster that it is of with --cluster"
              .formatted(file, kept.cluster(), settings.cluster()));
    }
    try (ClusterAdmin admin = session.admin();
        ZooKeeperCluster cluster = session.cluster()) {
      admin.checkRestorable(kept.topology());
      refuseObjections(admin.objectionsTo(kept.topology()));
      session.tell("Skipping numbers that may have been given since the export: half a minute");
      cluster.skip(
          new GivenNumbers(kept.router() + ROUTER_MARGIN, kept.migration(), kept.leader())
              .plus(MARGIN));
      session.printDone(
          "The topology of epoch %s is in force again".formatted(kept.topology().epoch()),
          admin.restore(kept.topology()));
      return ExitCode.DONE;
    }
  }

  private void refuseObjections(List<String> objections) {
    objections.forEach(objection -> session.tell("Objection: " + objection));
    if (!objections.isEmpty() && !despiteObjections) {
      throw new NotDone(
          "there are objections to %s: see to them, import a newer export, or see --despite-objections"
              .formatted(file));
    }
  }

  private KeptTopology read() {
    try {
      return KeptTopology.decode(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw NotDone.file(file, "read", e);
    }
  }
}

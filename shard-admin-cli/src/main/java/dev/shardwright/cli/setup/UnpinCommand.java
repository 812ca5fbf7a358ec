package dev.shardwright.cli.setup;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.KeyArguments;
import dev.shardwright.cli.session.Named;
import dev.shardwright.cli.session.Session;
import dev.shardwright.topology.Region;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code unpin}. */
@Command(
    name = "unpin",
    description = "Gives a pinned key back to the ring.",
    footer = {
      "",
      "Refused if rows of the key would have to move: pin it with --move where the ring has it first.",
      "",
      "Example:",
      "  shard-admin unpin shop 4711"
    })
public final class UnpinCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final KeyArguments arguments = new KeyArguments();

  /** For one run of the program. */
  public UnpinCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (ClusterAdmin admin = session.admin()) {
      Region region =
          Named.region(Named.keyspace(admin.topology(), arguments.keyspace()), arguments.region());
      session.printDone(
          "Key %s is not pinned".formatted(arguments.key()),
          admin.unpin(arguments.keyspace(), region, arguments.key()));
      return ExitCode.DONE;
    }
  }
}

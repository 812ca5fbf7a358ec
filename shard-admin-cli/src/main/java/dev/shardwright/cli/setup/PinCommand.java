package dev.shardwright.cli.setup;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.Named;
import dev.shardwright.cli.session.Session;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pin}. */
@Command(
    name = "pin",
    description = "Gives a single key to a chosen shard, apart from the ring.",
    footer = {
      "",
      "Refused if rows of the key would have to move.",
      "",
      "Example:",
      "  shard-admin pin shop 4711 s3"
    })
public final class PinCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final KeyArguments arguments = new KeyArguments();

  @Parameters(index = "2", paramLabel = "SHARD", description = "The shard that is to have it.")
  private @Nullable ShardId shard;

  /** For one run of the program. */
  public PinCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ShardId target = Objects.requireNonNull(shard, "picocli requires it");
    try (ClusterAdmin admin = session.admin()) {
      Region region =
          Named.region(Named.keyspace(admin.topology(), arguments.keyspace()), arguments.region());
      session.printDone(
          "Key %s is pinned to shard %s".formatted(arguments.key(), target),
          admin.pin(arguments.keyspace(), region, arguments.key(), target));
      return ExitCode.DONE;
    }
  }
}

package dev.shardwright.cli.moves;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.KeyArguments;
import dev.shardwright.cli.session.Named;
import dev.shardwright.cli.session.Session;
import dev.shardwright.cli.session.WrongUsage;
import dev.shardwright.rebalance.plan.RebalanceRequest;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.Region;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code pin}. */
@Command(
    name = "pin",
    description = "Gives a single key to a chosen shard, apart from the ring.",
    footer = {
      "",
      "Refused if rows of the key would have to move, unless it is told to move them: as rebalance",
      "does, with services going on meanwhile. The options apart from --region are for that.",
      "",
      "Examples:",
      "  shard-admin pin shop 4711 s3",
      "  shard-admin pin shop 4711 s3 --move --yes"
    })
public final class PinCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final KeyArguments arguments = new KeyArguments();

  @Parameters(index = "2", paramLabel = "SHARD", description = "The shard that is to have it.")
  private @Nullable ShardId shard;

  @Option(names = "--move", description = "Move the rows of the key there, and pin it then.")
  private boolean move;

  @Mixin private final PlanRun run = new PlanRun();

  @Spec private @Nullable CommandSpec spec;

  /** For one run of the program. */
  public PinCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ShardId target = Objects.requireNonNull(shard, "picocli requires it");
    if (!move) {
      refuseOptionsOfMoves(Objects.requireNonNull(spec, "picocli sets it"));
    }
    try (ClusterAdmin admin = session.admin()) {
      Region region =
          Named.region(Named.keyspace(admin.topology(), arguments.keyspace()), arguments.region());
      if (move) {
        RingId ring = new RingId(arguments.keyspace(), region);
        return run.of(new RebalanceRequest.MoveKey(ring, arguments.key(), target), session);
      }
      session.printDone(
          "Key %s is pinned to shard %s".formatted(arguments.key(), target),
          admin.pin(arguments.keyspace(), region, arguments.key(), target));
      return ExitCode.DONE;
    }
  }

  /** Who says {@code --dry-run} does not expect that the key is pinned. */
  private static void refuseOptionsOfMoves(CommandSpec spec) {
    ParseResult given = spec.commandLine().getParseResult();
    CommandSpec moves = Objects.requireNonNull(spec.mixins().get("run"), "the mixin above");
    for (OptionSpec option : moves.options()) {
      if (given.hasMatchedOption(option)) {
        throw new WrongUsage(
            "%s is for moves: give --move too, or leave it out".formatted(option.longestName()));
      }
    }
  }
}

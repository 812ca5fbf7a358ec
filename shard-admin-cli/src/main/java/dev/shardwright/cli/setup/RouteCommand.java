package dev.shardwright.cli.setup;

import dev.shardwright.cli.output.Answer;
import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.session.ExitCode;
import dev.shardwright.cli.session.KeyArguments;
import dev.shardwright.cli.session.Named;
import dev.shardwright.cli.session.NotDone;
import dev.shardwright.cli.session.Session;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code route}. */
@Command(
    name = "route",
    description = "Says where a key lives, and why.",
    footer = {
      "",
      "Examples:",
      "  shard-admin route shop 4711",
      "  shard-admin route people --region eu 7c9e6679-7425-40de-944b-e07fc1f90ae7"
    })
public final class RouteCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final KeyArguments arguments = new KeyArguments();

  /** For one run of the program. */
  public RouteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (ZooKeeperCluster cluster = session.cluster()) {
      Topology topology = cluster.topologyStore().read();
      KeyspaceTopology keyspace = Named.keyspace(topology, arguments.keyspace());
      Region region = Named.region(keyspace, arguments.region());
      session.print(answer(topology, keyspace, region, token(keyspace)));
      return ExitCode.DONE;
    }
  }

  private long token(KeyspaceTopology keyspace) {
    if (keyspace.strategy() == Strategy.SINGLE) {
      throw new NotDone(
          "keyspace %s has no keys: all of it is on %s"
              .formatted(keyspace.name(), keyspace.placement(Region.ALL).owners()));
    }
    TokenFunction tokens = keyspace.tokenFunction();
    return tokens.tokenOf(tokens.parse(arguments.key()));
  }

  private Answer answer(Topology topology, KeyspaceTopology keyspace, Region region, long token) {
    Placement placement = keyspace.placement(region);
    ShardId owner = placement.ownerOf(token);
    Shard shard = Named.shard(topology, owner);
    int index = placement.ring().indexOf(token);
    VirtualNode node = placement.ring().virtualNode(index);
    boolean pinned = placement.pins().ownerOf(token) != null;
    return Answer.EMPTY
        .fact("keyspace", Cell.of(keyspace.name()))
        .fact("region", Cell.of(region))
        .fact("key", Cell.of(arguments.key()))
        .fact("token", Cell.of(Long.toString(token)))
        .fact("virtualNode", Cell.of(index))
        .fact("firstToken", Cell.of(Long.toString(node.range().first())))
        .fact("lastToken", Cell.of(Long.toString(node.range().last())))
        .fact("pinned", Cell.of(pinned))
        .fact("shard", Cell.of(owner))
        .fact("url", Cell.of(shard.primary().url()))
        .fact("epoch", Cell.number(topology.epoch().value()))
        .fact("migration", moving(topology, keyspace, region, token));
  }

  private static Cell moving(
      Topology topology, KeyspaceTopology keyspace, Region region, long token) {
    return topology.moves().values().stream()
        .filter(move -> move.keyspace().equals(keyspace.name()) && move.region().equals(region))
        .filter(move -> move.ranges().contains(token))
        .findFirst()
        .map(RangeMove::number)
        .map(number -> Cell.number(number.longValue()))
        .orElseGet(Cell::none);
  }
}

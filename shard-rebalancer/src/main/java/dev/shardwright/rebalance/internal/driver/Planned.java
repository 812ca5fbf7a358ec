package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.internal.migration.Direction;
import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.preflight.IntendedMove;
import dev.shardwright.rebalance.internal.preflight.Preflight;
import dev.shardwright.rebalance.internal.preflight.Side;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether a migration may begin: its ranges are with the source, no other move has them, and
 * nothing on the two shards would make it fail. While another move has them, it waits for its end.
 */
final class Planned implements Phase {
  private static final Logger LOG = LoggerFactory.getLogger(Planned.class);

  private final MoveContext context;
  private Optional<RangeMove> other = Optional.empty();

  Planned(MoveContext context) {
    this.context = context;
  }

  @Override
  public boolean work() throws SQLException {
    Topology topology = context.topology().read();
    other = migration().claim().takenBy(topology);
    if (other.isPresent()) {
      return false;
    }
    checkOwner(topology);
    try (Connection source = context.open(context.from(Direction.FORWARD));
        Connection target = context.open(context.to(Direction.FORWARD))) {
      List<Finding> findings = Preflight.run(intended(topology, source, target));
      findings.forEach(found -> LOG.info("Migration {}: {}", migration().number(), found));
      if (Preflight.isBlocked(findings)) {
        throw new Obstacle("the preflight found " + findings, null);
      }
    }
    return true;
  }

  @Override
  public Optional<String> waitsFor() {
    return other.map(move -> "range move %d".formatted(move.number()));
  }

  private void checkOwner(Topology topology) {
    KeyRangeSet elsewhere = migration().claim().elsewhere(keyspace(topology));
    if (!elsewhere.isEmpty()) {
      throw new Obstacle(
          "the ranges %s are not with shard %s any more: make a new plan"
              .formatted(elsewhere, migration().transfer().source()),
          null);
    }
  }

  private IntendedMove intended(Topology topology, Connection source, Connection target) {
    return new IntendedMove(
        OptionalInt.of(migration().number()),
        keyspace(topology),
        topology.referenceTables(),
        context.ranges(),
        new Side(shard(topology, context.from(Direction.FORWARD)), source),
        new Side(shard(topology, context.to(Direction.FORWARD)), target));
  }

  private KeyspaceTopology keyspace(Topology topology) {
    return topology
        .keyspace(migration().keyspace())
        .orElseThrow(() -> new Obstacle("there is no keyspace " + migration().keyspace(), null));
  }

  private static Shard shard(Topology topology, ShardId shard) {
    return topology
        .shard(shard)
        .orElseThrow(() -> new Obstacle("there is no shard " + shard, null));
  }

  private Migration migration() {
    return context.migration();
  }
}

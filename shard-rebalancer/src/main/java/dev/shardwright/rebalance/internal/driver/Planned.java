package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether a migration may begin: its ranges are with the source, and no other move has them.
 * While one has, it waits for its end.
 */
final class Planned implements Phase {
  private static final Logger LOG = LoggerFactory.getLogger(Planned.class);

  private final Migration migration;
  private final Topology topology;

  Planned(Migration migration, Topology topology) {
    this.migration = migration;
    this.topology = topology;
  }

  @Override
  public boolean work() {
    for (RangeMove move : topology.moves().values()) {
      boolean sameRing =
          move.keyspace().equals(migration.keyspace()) && move.region().equals(migration.region());
      boolean common =
          sameRing && !move.ranges().intersection(migration.transfer().ranges()).isEmpty();
      if (common) {
        LOG.info("Migration {} waits for range move {}", migration.number(), move.number());
        return false;
      }
    }
    KeyRangeSet elsewhere =
        migration
            .transfer()
            .ranges()
            .minus(
                topology
                    .keyspace(migration.keyspace())
                    .orElseThrow(
                        () -> new Obstacle("there is no keyspace " + migration.keyspace(), null))
                    .placement(migration.region())
                    .rangesOf(migration.transfer().source()));
    if (!elsewhere.isEmpty()) {
      throw new Obstacle(
          "the ranges %s are not with shard %s any more: make a new plan"
              .formatted(elsewhere, migration.transfer().source()),
          null);
    }
    return true;
  }
}

package dev.shardwright.admin;

import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.Topology;
import java.util.Collection;

/**
 * Looks at all that can be refused of a database that is to become the first shard with its rows.
 * Changes nothing: the steps come after it, and make their checks again. Thread-safe.
 */
final class Adoption {
  private final TopologyEditor topologies;
  private final ShardEntry shards;
  private final TableRegistration tables;

  Adoption(TopologyEditor topologies, ShardEntry shards, TableRegistration tables) {
    this.topologies = topologies;
    this.shards = shards;
    this.tables = tables;
  }

  void check(Shard shard, NewKeyspace wanted, Collection<ShardedTable> adopted) {
    Topology current = topologies.read();
    Lookup.another(current, shard)
        .ifPresent(
            other -> {
              throw new ChangeRefused(
                  "the cluster has the shards %s already: a database with rows can only be the first; load its rows through routers"
                      .formatted(current.shards().keySet()));
            });
    shards.checkNewcomer(current, shard);
    Topology entered = current.withShard(shard);
    KeyspaceTopology keyspace =
        entered
            .keyspace(wanted.name())
            .map(found -> requireSame(found, wanted))
            .orElseGet(() -> Layout.keyspace(entered, wanted));
    for (ShardedTable table : adopted) {
      tables.check(entered, keyspace, table);
    }
  }

  private static KeyspaceTopology requireSame(KeyspaceTopology found, NewKeyspace wanted) {
    boolean same =
        found.strategy() == Strategy.HASH
            && found.keyType().equals(wanted.keyType())
            && !found.isRegional();
    if (!same) {
      throw new ChangeRefused(
          "there is a keyspace %s already, with keys of another type, another strategy or regions: name another one"
              .formatted(wanted.name()));
    }
    return found;
  }
}

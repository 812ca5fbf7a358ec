package dev.shardwright.admin;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.Optional;

/** Finds things by name in a topology, and refuses names that are not there by saying which are. */
final class Lookup {
  private Lookup() {}

  static Shard shard(Topology topology, ShardId id) {
    return topology
        .shard(id)
        .orElseThrow(
            () ->
                new ChangeRefused(
                    "there is no shard %s; the cluster has %s"
                        .formatted(id, topology.shards().keySet())));
  }

  static KeyspaceTopology keyspace(Topology topology, String name) {
    return topology
        .keyspace(name)
        .orElseThrow(
            () ->
                new ChangeRefused(
                    "there is no keyspace %s; the cluster has %s"
                        .formatted(name, topology.keyspaces().keySet())));
  }

  /** Refuses a change that moves of the keyspace's ranges are in the way of, if there are any. */
  static void refuseMoves(String keyspace, List<RangeMove> inTheWay) {
    if (!inTheWay.isEmpty()) {
      throw new ChangeRefused(
          "ranges of keyspace %s move, by migrations %s: wait for them until they are cleaned up (shard-admin migration watch), or abort them"
              .formatted(keyspace, inTheWay.stream().map(RangeMove::number).toList()));
    }
  }

  /** Any shard but this one. */
  static Optional<Shard> another(Topology topology, Shard shard) {
    return topology.shards().values().stream()
        .filter(other -> !other.id().equals(shard.id()))
        .findFirst();
  }

  /** The keyspace that a table is registered in. */
  static Optional<KeyspaceTopology> keyspaceOf(Topology topology, TableName table) {
    return topology.keyspaces().values().stream()
        .filter(keyspace -> keyspace.tables().containsKey(table))
        .findFirst();
  }
}

package dev.shardwright.cli.session;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;

/** Finds in a topology what an operator named, or says what there is. */
public final class Named {
  private Named() {}

  /**
   * The shard of that id.
   *
   * @throws NotDone if there is none
   */
  public static Shard shard(Topology topology, ShardId id) {
    return topology
        .shard(id)
        .orElseThrow(
            () ->
                new NotDone(
                    "there is no shard %s; the cluster has %s"
                        .formatted(id, topology.shards().keySet())));
  }

  /**
   * The keyspace of that name.
   *
   * @throws NotDone if there is none
   */
  public static KeyspaceTopology keyspace(Topology topology, String name) {
    return topology
        .keyspace(name)
        .orElseThrow(
            () ->
                new NotDone(
                    "there is no keyspace %s; the cluster has %s"
                        .formatted(name, topology.keyspaces().keySet())));
  }

  /**
   * A sharded table, and the keyspace that it is in.
   *
   * @param keyspace the keyspace
   * @param table the table
   */
  public record InKeyspace(KeyspaceTopology keyspace, ShardedTable table) {}

  /**
   * The sharded table of that name.
   *
   * @throws NotDone if there is none
   */
  public static InKeyspace table(Topology topology, TableName name) {
    return topology.keyspaces().values().stream()
        .filter(keyspace -> keyspace.tables().containsKey(name))
        .findFirst()
        .flatMap(
            keyspace ->
                keyspace.tables().values().stream()
                    .filter(table -> table.name().equals(name))
                    .findFirst()
                    .map(table -> new InKeyspace(keyspace, table)))
        .orElseThrow(
            () ->
                new NotDone(
                    "table %s is not registered in a keyspace: shard-admin table list shows which are"
                        .formatted(name)));
  }

  /**
   * Checks that a region was named if, and only if, the keyspace has regions.
   *
   * @throws WrongUsage otherwise
   */
  public static Region region(KeyspaceTopology keyspace, Region given) {
    boolean named = !given.equals(Region.ALL);
    if (named && !keyspace.isRegional()) {
      throw new WrongUsage(
          "keyspace %s has no regions: leave --region out".formatted(keyspace.name()));
    }
    if (keyspace.isRegional() && !keyspace.regions().contains(given)) {
      throw new WrongUsage(
          "keyspace %s has the regions %s: give one of them with --region"
              .formatted(keyspace.name(), keyspace.regions()));
    }
    return given;
  }
}

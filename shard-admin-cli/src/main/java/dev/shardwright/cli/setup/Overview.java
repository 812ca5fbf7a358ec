package dev.shardwright.cli.setup;

import dev.shardwright.cli.output.Cell;
import dev.shardwright.cli.output.Part;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a topology has, as tables. */
final class Overview {
  private static final List<String> SHARDS =
      List.of("id", "state", "weight", "region", "virtualNodes", "url", "user", "replicas");
  private static final List<String> KEYSPACES =
      List.of("name", "strategy", "keyType", "regions", "tables", "virtualNodes", "pins");
  private static final List<String> TABLES =
      List.of("name", "kind", "keyspace", "keyColumn", "regionColumn");
  private static final List<String> RINGS = List.of("region", "shard", "virtualNodes", "pins");

  private Overview() {}

  static Part.Table shards(Topology topology) {
    return new Part.Table(
        "shards",
        SHARDS,
        topology.shards().values().stream().map(shard -> shard(topology, shard)).toList());
  }

  static Part.Table keyspaces(Topology topology) {
    return new Part.Table(
        "keyspaces", KEYSPACES, topology.keyspaces().values().stream().map(Overview::row).toList());
  }

  static Part.Table tables(Topology topology) {
    List<List<Cell>> rows = new ArrayList<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      keyspace.tables().values().forEach(table -> rows.add(row(keyspace, table)));
    }
    for (TableName table : topology.referenceTables()) {
      rows.add(
          List.of(Cell.of(table), Cell.of("reference"), Cell.none(), Cell.none(), Cell.none()));
    }
    return new Part.Table("tables", TABLES, rows);
  }

  static Part.Table tables(KeyspaceTopology keyspace) {
    return new Part.Table(
        "tables",
        TABLES,
        keyspace.tables().values().stream().map(table -> row(keyspace, table)).toList());
  }

  /** What each shard owns of each ring of a keyspace. */
  static Part.Table rings(KeyspaceTopology keyspace) {
    List<List<Cell>> rows = new ArrayList<>();
    keyspace
        .placements()
        .forEach(
            (region, placement) ->
                placement
                    .owners()
                    .forEach(
                        shard ->
                            rows.add(
                                List.of(
                                    Cell.of(region),
                                    Cell.of(shard),
                                    Cell.of(virtualNodes(placement, shard)),
                                    Cell.of(pins(placement, shard))))));
    return new Part.Table("rings", RINGS, rows);
  }

  /** What a shard owns of each keyspace. */
  static Part.Table owned(Topology topology, ShardId shard) {
    List<List<Cell>> rows = new ArrayList<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (Region region : keyspace.placements().keySet()) {
        Placement placement = keyspace.placement(region);
        if (placement.owners().contains(shard)) {
          rows.add(
              List.of(
                  Cell.of(keyspace.name()),
                  Cell.of(region),
                  Cell.of(virtualNodes(placement, shard)),
                  Cell.of(pins(placement, shard))));
        }
      }
    }
    return new Part.Table("owns", List.of("keyspace", "region", "virtualNodes", "pins"), rows);
  }

  private static List<Cell> shard(Topology topology, Shard shard) {
    long nodes =
        topology.keyspaces().values().stream()
            .flatMap(keyspace -> keyspace.placements().values().stream())
            .mapToLong(placement -> virtualNodes(placement, shard.id()))
            .sum();
    return List.of(
        Cell.of(shard.id()),
        Cell.of(shard.state().name()),
        Cell.of(shard.weight()),
        Cell.of(shard.region()),
        Cell.of(nodes),
        Cell.of(shard.primary().url()),
        Cell.of(shard.primary().user()),
        Cell.items(shard.replicas().stream().map(replica -> replica.url()).toList()));
  }

  private static List<Cell> row(KeyspaceTopology keyspace) {
    return List.of(
        Cell.of(keyspace.name()),
        Cell.of(word(keyspace.strategy())),
        keyspace.keyType().map(KeyType::sqlName).map(Cell::of).orElseGet(Cell::none),
        Cell.items(keyspace.regions().stream().map(Region::name).toList()),
        Cell.of(keyspace.tables().size()),
        Cell.of(
            keyspace.placements().values().stream()
                .mapToLong(placement -> placement.ring().size())
                .sum()),
        Cell.of(
            keyspace.placements().values().stream()
                .mapToLong(placement -> placement.pins().all().size())
                .sum()));
  }

  private static List<Cell> row(KeyspaceTopology keyspace, ShardedTable table) {
    return List.of(
        Cell.of(table.name()),
        Cell.of("sharded"),
        Cell.of(keyspace.name()),
        table.keyColumn().map(Cell::of).orElseGet(Cell::none),
        table.regionColumn().map(Cell::of).orElseGet(Cell::none));
  }

  private static long virtualNodes(Placement placement, ShardId shard) {
    return placement.ring().virtualNodes().stream()
        .filter(node -> node.owner().equals(shard))
        .count();
  }

  private static long pins(Placement placement, ShardId shard) {
    return placement.pins().all().stream().filter(pin -> pin.shard().equals(shard)).count();
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}

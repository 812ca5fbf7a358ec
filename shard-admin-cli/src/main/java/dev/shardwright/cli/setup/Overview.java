package dev.shardwright.cli.setup;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
    Map<ShardId, Long> nodes = new HashMap<>();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (Placement placement : keyspace.placements().values()) {
        virtualNodes(placement).forEach((shard, count) -> nodes.merge(shard, count, Long::sum));
      }
    }
    return new Part.Table(
        "shards",
        SHARDS,
        topology.shards().values().stream()
            .map(shard -> row(shard, nodes.getOrDefault(shard.id(), 0L)))
            .toList());
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
            (region, placement) -> {
              Map<ShardId, Long> nodes = virtualNodes(placement);
              Map<ShardId, Long> pins = pins(placement);
              for (ShardId shard : placement.owners()) {
                rows.add(
                    List.of(
                        Cell.of(region), Cell.of(shard), count(nodes, shard), count(pins, shard)));
              }
            });
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
                  count(virtualNodes(placement), shard),
                  count(pins(placement), shard)));
        }
      }
    }
    return new Part.Table("owns", List.of("keyspace", "region", "virtualNodes", "pins"), rows);
  }

  private static List<Cell> row(Shard shard, long nodes) {
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

  /** Of each owner, in one pass: there may be thousands of nodes, and hundreds of shards. */
  private static Map<ShardId, Long> virtualNodes(Placement placement) {
    return placement.ring().virtualNodes().stream()
        .collect(groupingBy(node -> node.owner(), counting()));
  }

  private static Map<ShardId, Long> pins(Placement placement) {
    return placement.pins().all().stream().collect(groupingBy(pin -> pin.shard(), counting()));
  }

  private static Cell count(Map<ShardId, Long> counts, ShardId shard) {
    long count = counts.getOrDefault(shard, 0L);
    return Cell.of(count);
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}

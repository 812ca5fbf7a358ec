package dev.shardwright.internal.codec;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardState;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the fields of the document {@code topology}; {@link TopologyWriter} is its twin. */
final class TopologyReader {
  private TopologyReader() {}

  /**
   * @throws IllegalArgumentException if a value is not valid
   */
  static TopologyDocument read(JsonObject json, long format) {
    Epoch epoch = new Epoch(json.number("epoch"));
    SortedMap<ShardId, Shard> shards = new TreeMap<>();
    for (JsonObject object : json.objects("shards")) {
      Shard shard = shard(object);
      checkArgument(shards.put(shard.id(), shard) == null, "shard %s is there twice", shard.id());
    }
    List<TopologyDocument.KeyspaceEntry> keyspaces = new ArrayList<>();
    SortedSet<String> names = new TreeSet<>();
    for (JsonObject object : json.objects("keyspaces")) {
      TopologyDocument.KeyspaceEntry keyspace = keyspace(object, epoch);
      checkArgument(names.add(keyspace.name()), "keyspace %s is there twice", keyspace.name());
      keyspaces.add(keyspace);
    }
    SortedSet<TableName> referenceTables = new TreeSet<>();
    for (JsonObject object : json.objects("referenceTables")) {
      referenceTables.add(tableName(object));
    }
    SortedMap<Integer, RangeMove> moves = new TreeMap<>();
    for (JsonObject object : json.objects("moves")) {
      RangeMove move = move(object);
      checkArgument(
          moves.put(move.number(), move) == null, "move %s is there twice", move.number());
    }
    return new TopologyDocument(
        format, epoch, json.text("change"), shards, keyspaces, referenceTables, moves);
  }

  private static RangeMove move(JsonObject json) {
    List<KeyRange> ranges =
        json.objects("ranges").stream()
            .map(range -> new KeyRange(range.number("first"), range.number("last")))
            .toList();
    return new RangeMove(
        json.smallNumber("number"),
        json.text("keyspace"),
        Region.of(json.text("region")),
        ShardId.of(json.text("source")),
        ShardId.of(json.text("target")),
        KeyRangeSet.of(ranges),
        json.smallNumber("mover"),
        json.number("value"),
        json.flag("held"));
  }

  private static Shard shard(JsonObject json) {
    return new Shard(
        ShardId.of(json.text("id")),
        endpoint(json.object("primary")),
        json.objects("replicas").stream().map(TopologyReader::endpoint).toList(),
        json.smallNumber("weight"),
        Region.of(json.text("region")),
        ShardState.valueOf(json.text("state")));
  }

  private static Endpoint endpoint(JsonObject json) {
    return new Endpoint(json.text("url"), json.text("user"));
  }

  private static TopologyDocument.KeyspaceEntry keyspace(JsonObject json, Epoch epoch) {
    String name = json.text("name");
    SortedSet<Region> regions = new TreeSet<>();
    json.texts("regions").forEach(region -> regions.add(Region.of(region)));
    SortedMap<TableName, ShardedTable> tables = new TreeMap<>();
    for (JsonObject object : json.objects("tables")) {
      ShardedTable table =
          new ShardedTable(
              tableName(object),
              object.optionalText("keyColumn"),
              object.optionalText("regionColumn"));
      tables.put(table.name(), table);
    }
    SortedMap<Region, Long> revisions = new TreeMap<>();
    for (JsonObject object : json.objects("rings")) {
      Region region = Region.of(object.text("region"));
      long revision = object.number("revision");
      checkArgument(
          1 <= revision && revision <= epoch.value(),
          "ring %s/%s was last written at %s, which is not within 1 and epoch %s",
          name,
          region,
          revision,
          epoch);
      revisions.put(region, revision);
    }
    return new TopologyDocument.KeyspaceEntry(
        name,
        Strategy.valueOf(json.text("strategy")),
        json.optionalText("keyType").map(KeyType::valueOf),
        json.smallNumber("virtualNodes"),
        regions,
        tables,
        revisions);
  }

  private static TableName tableName(JsonObject json) {
    return new TableName(json.text("schema"), json.text("name"));
  }
}

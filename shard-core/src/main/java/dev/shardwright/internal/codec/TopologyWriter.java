package dev.shardwright.internal.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;

/** Writes the fields of the document {@code topology}; {@link TopologyReader} is its twin. */
final class TopologyWriter {
  private final JsonGenerator json;

  TopologyWriter(JsonGenerator json) {
    this.json = json;
  }

  void writeFields(TopologyDocument document) throws IOException {
    json.writeNumberField("format", Format.CURRENT);
    json.writeNumberField("minimumReader", Format.MINIMUM_READER);
    json.writeNumberField("epoch", document.epoch().value());
    json.writeStringField("change", document.change());
    json.writeArrayFieldStart("shards");
    for (Shard shard : document.shards().values()) {
      write(shard);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("keyspaces");
    for (TopologyDocument.KeyspaceEntry keyspace : document.keyspaces()) {
      write(keyspace);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("referenceTables");
    for (TableName table : document.referenceTables()) {
      json.writeStartObject();
      writeName(table);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("moves");
    for (RangeMove move : document.moves().values()) {
      write(move);
    }
    json.writeEndArray();
  }

  private void write(RangeMove move) throws IOException {
    json.writeStartObject();
    json.writeNumberField("number", move.number());
    json.writeStringField("keyspace", move.keyspace());
    json.writeStringField("region", move.region().name());
    json.writeStringField("source", move.source().value());
    json.writeStringField("target", move.target().value());
    json.writeNumberField("mover", move.mover());
    json.writeNumberField("value", move.value());
    json.writeBooleanField("held", move.held());
    json.writeArrayFieldStart("ranges");
    for (KeyRange range : move.ranges().ranges()) {
      json.writeStartObject();
      json.writeNumberField("first", range.first());
      json.writeNumberField("last", range.last());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void write(Shard shard) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", shard.id().value());
    json.writeFieldName("primary");
    write(shard.primary());
    json.writeArrayFieldStart("replicas");
    for (Endpoint replica : shard.replicas()) {
      write(replica);
    }
    json.writeEndArray();
    json.writeNumberField("weight", shard.weight());
    json.writeStringField("region", shard.region().name());
    json.writeStringField("state", shard.state().name());
    json.writeEndObject();
  }

  private void write(Endpoint endpoint) throws IOException {
    json.writeStartObject();
    json.writeStringField("url", endpoint.url());
    json.writeStringField("user", endpoint.user());
    json.writeEndObject();
  }

  private void write(TopologyDocument.KeyspaceEntry keyspace) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", keyspace.name());
    json.writeStringField("strategy", keyspace.strategy().name());
    if (keyspace.keyType().isPresent()) {
      json.writeStringField("keyType", keyspace.keyType().get().name());
    }
    json.writeNumberField("virtualNodes", keyspace.virtualNodes());
    json.writeArrayFieldStart("regions");
    for (Region region : keyspace.regions()) {
      json.writeString(region.name());
    }
    json.writeEndArray();
    writeTables(keyspace.tables().values());
    json.writeArrayFieldStart("rings");
    for (Map.Entry<Region, Long> ring : keyspace.revisions().entrySet()) {
      json.writeStartObject();
      json.writeStringField("region", ring.getKey().name());
      json.writeNumberField("revision", ring.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeTables(Collection<ShardedTable> tables) throws IOException {
    json.writeArrayFieldStart("tables");
    for (ShardedTable table : tables) {
      json.writeStartObject();
      writeName(table.name());
      if (table.keyColumn().isPresent()) {
        json.writeStringField("keyColumn", table.keyColumn().get());
      }
      if (table.regionColumn().isPresent()) {
        json.writeStringField("regionColumn", table.regionColumn().get());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeName(TableName table) throws IOException {
    json.writeStringField("schema", table.schema());
    json.writeStringField("name", table.name());
  }
}

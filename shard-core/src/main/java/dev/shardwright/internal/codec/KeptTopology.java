package dev.shardwright.internal.codec;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.Placement;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A whole topology in one JSON document, to be kept outside of ZooKeeper: the documents as they are
 * there, with their checksums, and the numbers that must not be given twice.
 *
 * @param cluster the cluster's name
 * @param topology what was in force
 * @param router the last number given to a router
 * @param migration the last number given to a migration
 * @param leader the last fencing token
 */
public record KeptTopology(
    String cluster, Topology topology, int router, int migration, int leader) {
  private static final String RING = "ring ";

  /** The document's bytes. */
  public byte[] encode() {
    SortedMap<RingName, Long> revisions = new TreeMap<>();
    Map<String, Object> rings = new LinkedHashMap<>();
    long epoch = topology.epoch().value();
    for (KeyspaceTopology keyspace : topology.keyspaces().values()) {
      for (Map.Entry<Region, Placement> ring : keyspace.placements().entrySet()) {
        RingName name = new RingName(keyspace.name(), ring.getKey());
        revisions.put(name, epoch);
        byte[] document = RingCodec.encode(new RingDocument(epoch, ring.getValue()));
        rings.put(RING + name, Base64.getEncoder().encodeToString(document));
      }
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", Format.CURRENT);
    fields.put("minimumReader", Format.MINIMUM_READER);
    fields.put("cluster", cluster);
    fields.put("epoch", epoch);
    fields.put("lastRouter", router);
    fields.put("lastMigration", migration);
    fields.put("lastLeader", leader);
    fields.put(
        "topology",
        new String(
            TopologyCodec.encode(TopologyDocument.of(topology, revisions, "kept")),
            StandardCharsets.UTF_8));
    fields.putAll(rings);
    return JsonObject.write(fields);
  }

  /**
   * Reads a document.
   *
   * @param path where it is kept, for messages
   * @throws TopologyUnavailable if it is damaged, or meant for newer readers only
   */
  public static KeptTopology decode(byte[] bytes, String path) {
    JsonObject json = JsonObject.parse(bytes, path);
    Format.check(path, json.number("format"), json.number("minimumReader"));
    TopologyDocument document =
        TopologyCodec.decode(json.text("topology").getBytes(StandardCharsets.UTF_8), path);
    try {
      return new KeptTopology(
          json.text("cluster"),
          document.assemble(ring -> placement(json.text(RING + ring), path)),
          json.smallNumber("lastRouter"),
          json.smallNumber("lastMigration"),
          json.smallNumber("lastLeader"));
    } catch (IllegalArgumentException e) {
      throw Format.corrupt(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static Placement placement(String document, String path) {
    return RingCodec.decode(Base64.getDecoder().decode(document), path).placement();
  }
}

package dev.shardwright.internal.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.LoadReport.RingLoad;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.topology.Region;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reports of load as JSON. A virtual node is a text, so that many fit into a small document: its
 * first token, its last token and its count, with spaces between.
 */
public final class LoadCodec {
  private LoadCodec() {}

  public static byte[] encode(LoadReport report) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonObject.JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("format", Format.CURRENT);
      json.writeNumberField("minimumReader", Format.MINIMUM_READER);
      json.writeNumberField("periodMillis", report.period().toMillis());
      json.writeArrayFieldStart("rings");
      for (RingLoad ring : report.rings()) {
        write(json, ring);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, RingLoad ring) throws IOException {
    json.writeStartObject();
    json.writeStringField("keyspace", ring.keyspace());
    json.writeStringField("region", ring.region().name());
    json.writeNumberField("total", ring.total());
    json.writeArrayFieldStart("busiest");
    for (var node : ring.busiest().entrySet()) {
      json.writeString(node.getKey().first() + " " + node.getKey().last() + " " + node.getValue());
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /**
   * What was encoded.
   *
   * @param path where it is kept, for messages
   * @throws TopologyUnavailable if it is something else, or of a newer release
   */
  public static LoadReport decode(byte[] document, String path) {
    JsonObject json = JsonObject.parse(document, path);
    Format.check(path, json.number("format"), json.number("minimumReader"));
    try {
      List<RingLoad> rings = new ArrayList<>();
      for (JsonObject ring : json.objects("rings")) {
        rings.add(ring(ring));
      }
      return new LoadReport(Duration.ofMillis(json.number("periodMillis")), rings);
    } catch (IllegalArgumentException e) {
      throw Format.corrupt(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static RingLoad ring(JsonObject json) {
    SortedMap<KeyRange, Long> busiest = new TreeMap<>();
    for (String node : json.texts("busiest")) {
      String[] parts = node.split(" ", -1);
      if (parts.length != 3) {
        throw new IllegalArgumentException("'" + node + "' is no virtual node with a count");
      }
      busiest.put(
          new KeyRange(Long.parseLong(parts[0]), Long.parseLong(parts[1])),
          Long.parseLong(parts[2]));
    }
    String region = json.text("region");
    return new RingLoad(
        json.text("keyspace"),
        region.equals(Region.ALL.name()) ? Region.ALL : Region.of(region),
        json.number("total"),
        busiest);
  }
}

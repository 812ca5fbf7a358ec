package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.JsonObject;
import dev.shardwright.topology.Epoch;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A router as it is registered in ZooKeeper.
 *
 * @param number its router number
 * @param description what it says about itself
 * @param epoch the epoch that it last reported
 */
public record RegisteredRouter(int number, RouterDescription description, Epoch epoch) {

  byte[] encode() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("host", description.host());
    fields.put("pid", description.pid());
    fields.put("version", description.version());
    fields.put("sharesSessions", description.sharesSessions());
    fields.put("epoch", epoch.value());
    return JsonObject.write(fields);
  }

  /**
   * @throws TopologyUnavailable if the document cannot be understood
   */
  static RegisteredRouter decode(int number, byte[] document, String path) {
    JsonObject json = JsonObject.parse(document, path);
    RouterDescription description =
        new RouterDescription(
            json.text("host"),
            json.number("pid"),
            json.text("version"),
            json.optionalFlag("sharesSessions"));
    try {
      return new RegisteredRouter(number, description, new Epoch(json.number("epoch")));
    } catch (IllegalArgumentException e) {
      throw new TopologyUnavailable("document %s: %s".formatted(path, e.getMessage()), e);
    }
  }
}

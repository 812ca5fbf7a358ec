package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.JsonObject;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who leads.
 *
 * @param name what the candidate calls itself
 * @param token its fencing token
 */
public record Leader(String name, FencingToken token) {
  private static final String NAME = "name";
  private static final String CANDIDACY = "candidacy";

  /** What a leader writes to the leader node: its name, and the node that it stands by. */
  static byte[] encode(String name, String candidacy) {
    return JsonObject.write(new TreeMap<>(Map.of(NAME, name, CANDIDACY, candidacy)));
  }

  /**
   * @throws TopologyUnavailable if the document cannot be understood
   */
  static Leader decode(Requests.Node node, String path) {
    String name = JsonObject.parse(node.data(), path).text(NAME);
    return new Leader(name, new FencingToken(node.stat().getVersion()));
  }

  /** The node that the leader stands by: with it, its leadership goes. */
  static String candidacy(Requests.Node node, String path) {
    return JsonObject.parse(node.data(), path).text(CANDIDACY);
  }
}

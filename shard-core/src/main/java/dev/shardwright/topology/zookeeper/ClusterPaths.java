package dev.shardwright.topology.zookeeper;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.internal.codec.RingName;
import java.util.regex.Pattern;

/**
 * Where everything of one cluster is in ZooKeeper; no other place builds a path.
 *
 * @param cluster a lower-case letter, then up to 62 lower-case letters, digits, hyphens or
 *     underscores
 */
record ClusterPaths(String cluster) {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_-]{0,62}");
  private static final String ALL_CLUSTERS = "/shardwright/";

  /**
   * @throws IllegalArgumentException if {@code cluster} is not a valid name
   */
  ClusterPaths {
    checkArgument(
        VALID.matcher(cluster).matches(), "cluster '%s' does not match %s", cluster, VALID);
  }

  String root() {
    return ALL_CLUSTERS + cluster;
  }

  String topology() {
    return root() + "/topology";
  }

  String rings() {
    return root() + "/rings";
  }

  String rings(String keyspace) {
    return rings() + "/" + keyspace;
  }

  String ring(RingName ring) {
    return ring(ring.keyspace(), ring.region().toString());
  }

  /** The same, by the name of its node. */
  String ring(String keyspace, String name) {
    return rings(keyspace) + "/" + name;
  }

  /** Its children are the routers; its version is the last router number given. */
  String routers() {
    return root() + "/routers";
  }

  String router(int number) {
    return routers() + "/" + number;
  }

  /** Its children are the loads that routers report, each under the router's number. */
  String loads() {
    return root() + "/loads";
  }

  /** Goes with the router's session, as its own node does, which therefore cannot be above it. */
  String load(int router) {
    return loads() + "/" + router;
  }

  /** Its children are the migrations; its version is the last number given to one. */
  String migrations() {
    return root() + "/migrations";
  }

  /** Holds the migration's journal. */
  String migration(int number) {
    return migrations() + "/" + number;
  }

  /** What people want of the migration. */
  String desired(int number) {
    return migration(number) + "/desired";
  }

  /** Its children are the acknowledgements of range moves that routers gave. */
  String acknowledgements(int move) {
    return root() + "/moves/" + move;
  }

  String acknowledgement(int move, String name) {
    return acknowledgements(move) + "/" + name;
  }

  /** Its children are the candidates; its version is the last fencing token given. */
  String leader() {
    return root() + "/leader";
  }
}

package dev.shardwright.topology.zookeeper;

/**
 * What a router says about itself, for operators.
 *
 * @param host the machine it runs on
 * @param pid its process id there
 * @param version the release of Shardwright in it
 * @param sharesSessions whether a proxy lends its sessions to others too, so that they do not tell
 *     whose they are
 */
public record RouterDescription(String host, long pid, String version, boolean sharesSessions) {

  /** A router with sessions of its own. */
  public RouterDescription(String host, long pid, String version) {
    this(host, pid, version, false);
  }
}

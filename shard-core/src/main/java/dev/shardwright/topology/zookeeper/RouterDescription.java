package dev.shardwright.topology.zookeeper;

/**
 * What a router says about itself, for operators.
 *
 * @param host the machine it runs on
 * @param pid its process id there
 * @param version the release of Shardwright in it
 */
public record RouterDescription(String host, long pid, String version) {}

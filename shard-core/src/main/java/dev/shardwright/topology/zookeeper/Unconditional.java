package dev.shardwright.topology.zookeeper;

import org.apache.zookeeper.Op;

/** Operations on a node whatever its version. */
final class Unconditional {
  private static final int ANY_VERSION = -1;

  private Unconditional() {}

  /** Demands that the node is there. */
  static Op check(String path) {
    return Op.check(path, ANY_VERSION);
  }

  static Op set(String path, byte[] data) {
    return Op.setData(path, data, ANY_VERSION);
  }

  static Op delete(String path) {
    return Op.delete(path, ANY_VERSION);
  }
}

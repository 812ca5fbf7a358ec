package dev.shardwright.ring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** Rings for tests. */
final class Rings {
  private Rings() {}

  /** Virtual nodes that begin at the given tokens, and at the smallest; owners at random. */
  static List<VirtualNode> virtualNodes(Collection<Long> boundaries, int shards, Random random) {
    TreeSet<Long> firsts = new TreeSet<>(boundaries);
    firsts.add(Long.MIN_VALUE);
    List<VirtualNode> nodes = new ArrayList<>();
    for (long first : firsts) {
      Long next = firsts.higher(first);
      long last = next == null ? Long.MAX_VALUE : next - 1;
      ShardId owner = ShardId.of("s" + random.nextInt(shards));
      nodes.add(new VirtualNode(new KeyRange(first, last), owner));
    }
    return nodes;
  }

  /** A ring with boundaries at random places of the grid. */
  static HashRing random(int boundaries, int shards, Random random) {
    List<Long> firsts =
        random.longs(boundaries).map(token -> token & -(1L << HashRing.GRID_BITS)).boxed().toList();
    return HashRing.of(virtualNodes(firsts, shards, random));
  }

  /** How many stretches of one owner the ring has. */
  static int runs(HashRing ring) {
    int runs = 1;
    for (int i = 1; i < ring.size(); i++) {
      runs += ring.virtualNode(i).owner().equals(ring.virtualNode(i - 1).owner()) ? 0 : 1;
    }
    return runs;
  }
}

package dev.shardwright.ring;

import java.util.List;
import java.util.SortedSet;

/**
 * All tokens, divided into virtual nodes: each token has exactly one owner. Immutable; a ring with
 * a gap or an overlap cannot be built.
 */
public sealed interface Ring permits HashRing, RangeRing {

  /** The shard that owns the token. Allocates nothing. */
  ShardId ownerOf(long token);

  /**
   * The place, counted from 0 in the order of tokens, of the virtual node that holds the token.
   * Allocates nothing.
   */
  int indexOf(long token);

  /** How many virtual nodes there are; at least one. */
  int size();

  /**
   * The virtual node at that place in the order of tokens.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  VirtualNode virtualNode(int index);

  /**
   * All virtual nodes in the order of tokens: the first begins at the smallest token, the last ends
   * at the largest, none is left out.
   */
  List<VirtualNode> virtualNodes();

  /** The shards that own at least one virtual node. */
  SortedSet<ShardId> owners();

  /** The tokens that the shard owns; empty if it owns none. */
  KeyRangeSet rangesOf(ShardId shard);
}

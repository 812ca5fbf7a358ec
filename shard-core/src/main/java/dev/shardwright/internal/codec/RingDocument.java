package dev.shardwright.internal.codec;

import static com.google.common.base.Preconditions.checkArgument;

import dev.shardwright.ring.Placement;

/**
 * What a document {@code rings/<keyspace>/<region>} says.
 *
 * @param revision the epoch at which it was written
 * @param placement the ring and its pins
 */
public record RingDocument(long revision, Placement placement) {
  public RingDocument {
    checkArgument(revision >= 1, "revision %s is no epoch", revision);
  }
}

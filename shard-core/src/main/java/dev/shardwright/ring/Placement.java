package dev.shardwright.ring;

import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Where the tokens of a keyspace are, in one region: a ring, and the pins over it.
 *
 * @param ring the owner of each token that is not pinned
 * @param pins the exceptions
 */
public record Placement(Ring ring, Pins pins) {

  /** A ring without pins. */
  public static Placement of(Ring ring) {
    return new Placement(ring, Pins.NONE);
  }

  /** The shard that holds the rows of the token. Allocates nothing. */
  public ShardId ownerOf(long token) {
    ShardId pinned = pins.ownerOf(token);
    return pinned == null ? ring.ownerOf(token) : pinned;
  }

  /** All tokens whose rows that shard holds. */
  public KeyRangeSet rangesOf(ShardId shard) {
    return ring.rangesOf(shard).minus(pinned(shard, false)).union(pinned(shard, true));
  }

  /** The shards that hold at least one token. */
  public SortedSet<ShardId> owners() {
    if (ring.owners().containsAll(pins.owners())) {
      return ring.owners();
    }
    SortedSet<ShardId> owners = new TreeSet<>(ring.owners());
    owners.addAll(pins.owners());
    return Collections.unmodifiableSortedSet(owners);
  }

  /**
   * This placement after the source of a transfer gave its ranges to the target. Pins in the ranges
   * move along. On a HASH ring, a single token that is not a grid step becomes a pin, named by its
   * token unless there was one; other boundaries must be on the grid. Virtual nodes are split where
   * a range begins or ends, never joined.
   *
   * @throws IllegalArgumentException if a token of the ranges belongs to another shard than the
   *     source, or a range is off the grid
   */
  public Placement transfer(RangeTransfer transfer) {
    return transfer(List.of(transfer));
  }

  /**
   * This placement after some transfers, one after the other, as {@link #transfer(RangeTransfer)}
   * does each.
   *
   * @throws IllegalArgumentException if a token of a transfer belongs to another shard than its
   *     source by then, or a range is off the grid
   */
  public Placement transfer(List<RangeTransfer> transfers) {
    return Transfers.after(this, transfers);
  }

  /**
   * This placement with the token pinned to the shard that has it; the same if it is pinned.
   * Nothing moves.
   *
   * @param key the key as text, for people
   * @throws IllegalArgumentException if there would be too many pins
   */
  public Placement pinInPlace(String key, long token) {
    return pins.ownerOf(token) == null
        ? new Placement(ring, pins.with(new Pin(key, token, ring.ownerOf(token))))
        : this;
  }

  /**
   * This placement without the pin of the token, if there is one and the ring gives the token to
   * the same shard; otherwise the same. Nothing moves.
   */
  public Placement unpinInPlace(long token) {
    return ring.ownerOf(token).equals(pins.ownerOf(token))
        ? new Placement(ring, pins.without(token))
        : this;
  }

  private KeyRangeSet pinned(ShardId shard, boolean here) {
    List<KeyRange> tokens =
        pins.all().stream()
            .filter(pin -> pin.shard().equals(shard) == here)
            .map(pin -> KeyRange.of(pin.token()))
            .toList();
    return KeyRangeSet.of(tokens);
  }
}

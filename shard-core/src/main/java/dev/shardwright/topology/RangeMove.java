package dev.shardwright.topology;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.ShardId;

/**
 * A range move in progress, as far as every router must know it. While it is in the topology, the
 * rows of its ranges may be on both shards; those on {@link #other()} are copies or left-overs, and
 * hidden from statements that name no key.
 *
 * <p>Its value says where the ranges are: with the source while it is even, with the target while
 * it is odd. It only grows: by one when the ranges change hands, by two when an attempt to change
 * them is given up. So the value of a held move names the attempt, and no attempt's value comes
 * again.
 *
 * @param number of the migration; above 0, never given twice in a cluster
 * @param keyspace whose rows move
 * @param region the region whose ring they are on
 * @param source the owner before the move
 * @param target the owner after it
 * @param ranges the tokens that move; not empty
 * @param mover the fencing token of the leader that carries the move out
 * @param value where the ranges are, and which attempt this is
 * @param held whether new work on the ranges has to wait
 */
public record RangeMove(
    int number,
    String keyspace,
    Region region,
    ShardId source,
    ShardId target,
    KeyRangeSet ranges,
    int mover,
    long value,
    boolean held) {

  /**
   * @throws IllegalArgumentException if the parts contradict each other
   */
  public RangeMove {
    checkArgument(number > 0, "number %s of a range move is not positive", number);
    checkArgument(
        !source.equals(target), "range move %s: shard %s is source and target", number, source);
    checkArgument(!ranges.isEmpty(), "range move %s has no ranges", number);
    checkArgument(value >= 0, "range move %s: value %s is negative", number, value);
  }

  /** A move that begins: the ranges are with the source. */
  public static RangeMove of(
      int number,
      String keyspace,
      Region region,
      ShardId source,
      ShardId target,
      KeyRangeSet ranges,
      int mover) {
    return new RangeMove(number, keyspace, region, source, target, ranges, mover, 0, false);
  }

  /** The shard that the ranges are with. */
  public ShardId owner() {
    return isWithSource(value) ? source : target;
  }

  /** The shard that the ranges are not with. */
  public ShardId other() {
    return isWithSource(value) ? target : source;
  }

  /** Whether the shard is the source or the target. */
  public boolean involves(ShardId shard) {
    return shard.equals(source) || shard.equals(target);
  }

  /** The value that the ranges have once they have changed hands. */
  public long valueOnceCommitted() {
    return value + 1;
  }

  /** The value that the ranges have once this attempt is given up. */
  public long valueOnceGivenUp() {
    return value + 2;
  }

  /** This move with new work on its ranges waiting. */
  public RangeMove hold() {
    return with(mover, value, true);
  }

  /**
   * This move after the ranges have changed hands.
   *
   * @throws IllegalStateException if work does not wait
   */
  public RangeMove commit() {
    checkHeld();
    return with(mover, valueOnceCommitted(), false);
  }

  /**
   * This move after the attempt was given up.
   *
   * @throws IllegalStateException if work does not wait
   */
  public RangeMove giveUp() {
    checkHeld();
    return with(mover, valueOnceGivenUp(), false);
  }

  /** This move carried out by another leader. */
  public RangeMove withMover(int changed) {
    return with(changed, value, held);
  }

  /** Whether ranges of that value are with the source. */
  public static boolean isWithSource(long value) {
    return value % 2 == 0;
  }

  private void checkHeld() {
    checkState(held, "range move %s is not held", number);
  }

  private RangeMove with(int changedMover, long changedValue, boolean changedHeld) {
    return new RangeMove(
        number, keyspace, region, source, target, ranges, changedMover, changedValue, changedHeld);
  }
}

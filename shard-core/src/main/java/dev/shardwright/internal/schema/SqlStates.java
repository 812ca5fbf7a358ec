package dev.shardwright.internal.schema;

/**
 * The SQLSTATEs that Shardwright's functions in the databases raise. The router's own are kept
 * beside them in {@code docs/errors.md}, which says what each means and who acts on it.
 */
public final class SqlStates {
  /**
   * The row does not belong on this shard, or no longer. DETAIL is a JSON object with {@code
   * shard}, {@code keyspace}, {@code table}, {@code token} (null where there is none) and {@code
   * epoch}: the newest epoch that the guard knew of.
   */
  public static final String ROW_NOT_HERE = "SW001";

  /**
   * A router came with an epoch that was cut off. DETAIL is a JSON object with {@code epoch} and
   * {@code minimumEpoch}.
   */
  public static final String STALE_EPOCH = "SW002";

  /**
   * The server was promoted after the minimum epoch, or the register of a range move, was asserted:
   * it may not know the newest value. DETAIL is a JSON object with {@code timeline} and {@code
   * assertedTimeline}, and {@code migration} where it is about a range move.
   */
  public static final String TIMELINE_CHANGED = "SW003";

  /** The database belongs to no shard, or to another than the topology says. */
  public static final String WRONG_DATABASE = "SW004";

  /**
   * The row is in a range that moves, and is not accepted here at this point of the move. DETAIL is
   * a JSON object with {@code migration}, {@code value} (of the register), {@code keyspace}, {@code
   * token} (null where there is none) and {@code owner}: the shard that has the range by that
   * value.
   */
  public static final String RANGE_MOVED = "SW005";

  /** Another mover has taken the migration over. DETAIL is a JSON object with both tokens. */
  public static final String MOVER_SUPERSEDED = "SW006";

  private SqlStates() {}
}

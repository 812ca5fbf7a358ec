package dev.shardwright.router.internal.merge;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Which rows of an order are the answer: those after {@code offset}, {@code limit} at most.
 *
 * @param limit {@link #ALL} for no limit
 * @param offset how many are left out before
 * @param withTies whether rows that are equal to the last one in the order belong to it too
 */
public record RowWindow(long limit, long offset, boolean withTies) {
  /** No limit. */
  public static final long ALL = Long.MAX_VALUE;

  /** All rows. */
  public static final RowWindow WHOLE = new RowWindow(ALL, 0, false);

  public RowWindow {
    checkArgument(limit >= 0, "limit %s is negative", limit);
    checkArgument(offset >= 0, "offset %s is negative", offset);
  }

  /** The most rows of one source that can matter; {@link #ALL} if that is not known. */
  public long reach() {
    return withTies || limit > ALL - offset ? ALL : limit + offset;
  }
}

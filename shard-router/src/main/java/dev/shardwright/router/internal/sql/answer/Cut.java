package dev.shardwright.router.internal.sql.answer;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which of the ordered rows are the answer. A negative number given as a parameter is an error, as
 * in PostgreSQL: the shards may have seen the sum of limit and offset only.
 *
 * @param limit how many; empty for all
 * @param offset how many are left out before; empty for none
 * @param withTies whether rows that are equal to the last one in the order belong to it too
 */
public record Cut(Optional<Amount> limit, Optional<Amount> offset, boolean withTies) {
  /** All rows. */
  public static final Cut NONE = new Cut(Optional.empty(), Optional.empty(), false);

  /** A number of rows. */
  public sealed interface Amount {
    /** Written in the statement. */
    record Literal(long rows) implements Amount {}

    /**
     * Given as a parameter; NULL means no limit, or no offset.
     *
     * @param place from 1
     * @param most the largest number of the type that the statement makes of it; empty if of none
     */
    record Parameter(int place, OptionalLong most) implements Amount {}
  }
}

package dev.shardwright.router.internal.sql.answer;

import java.util.OptionalInt;

/**
 * One key of an order.
 *
 * <p>Columns of the shard's row are counted from 1, or backwards from the last, which is -1: behind
 * a {@code select *} only the end of the row is known.
 *
 * @param column the column that holds the value
 * @param descending whether larger values come first
 * @param nullsFirst whether NULL comes before every value
 * @param collation the column that holds {@code pg_collation_for(key)}, if the shard was asked for
 *     it; a key whose values are text can be compared in the JVM only where that says a collation
 *     that orders by bytes
 */
public record SortKey(int column, boolean descending, boolean nullsFirst, OptionalInt collation) {}

package dev.shardwright.router.internal.sql;

import java.util.OptionalInt;

/**
 * One key of an order.
 *
 * @param column the column of the shard's row that holds the value, from 1
 * @param descending whether larger values come first
 * @param nullsFirst whether NULL comes before every value
 * @param collation the column of the shard's row that holds {@code pg_collation_for(key)}, if the
 *     shard was asked for it; a key whose values are text can be compared in the JVM only where
 *     that says a collation that orders by bytes
 */
public record SortKey(int column, boolean descending, boolean nullsFirst, OptionalInt collation) {}

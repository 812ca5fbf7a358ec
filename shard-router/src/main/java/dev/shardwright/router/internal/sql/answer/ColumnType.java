package dev.shardwright.router.internal.sql.answer;

/**
 * The type of a column of the partial rows.
 *
 * @param name as the driver reports it
 * @param bounds how many digits or characters its values are bound to, as in {@code (12,2)}; empty
 *     if they are not
 */
public record ColumnType(String name, String bounds) {}

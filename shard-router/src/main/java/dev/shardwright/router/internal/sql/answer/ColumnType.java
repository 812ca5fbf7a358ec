package dev.shardwright.router.internal.sql.answer;

/**
 * The type of a column of the partial rows.
 *
 * @param name in double quotes with its schema, or that of one of PostgreSQL's own, bare
 * @param bounds how many digits or characters its values are bound to, as in {@code (12,2)}; empty
 *     if they are not
 */
public record ColumnType(String name, String bounds) {}

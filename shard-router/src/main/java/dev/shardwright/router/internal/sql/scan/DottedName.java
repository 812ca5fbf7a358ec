package dev.shardwright.router.internal.sql.scan;

import com.google.common.collect.ImmutableSet;

/**
 * A name after a dot, as in {@code p.total}. Where there is no such column, PostgreSQL takes it for
 * a call, {@code total(p)}, be that of an aggregate or of a function with effects. Immutable.
 *
 * @param name as the catalog has it
 * @param ofRow whether what stands before the dot is certain to be a row, and no single value
 * @param columns {@code schema.table.column} for what it may be instead; empty if it may be none
 */
public record DottedName(String name, boolean ofRow, ImmutableSet<String> columns) {}

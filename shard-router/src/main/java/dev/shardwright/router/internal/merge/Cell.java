package dev.shardwright.router.internal.merge;

import org.jspecify.annotations.Nullable;

/**
 * One value of a row of groups; never NULL.
 *
 * @param text as PostgreSQL writes it
 * @param key as the order of its type compares it; null where nothing compares it
 */
public record Cell(String text, @Nullable Object key) {}

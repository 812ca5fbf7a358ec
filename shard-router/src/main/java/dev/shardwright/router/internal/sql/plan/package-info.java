/**
 * Plans how the answer of a query over several shards is put together exactly: merged, combined by
 * PostgreSQL, or gathered.
 */
@NullMarked
package dev.shardwright.router.internal.sql.plan;

import org.jspecify.annotations.NullMarked;

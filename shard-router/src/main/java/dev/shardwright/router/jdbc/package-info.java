/** JDBC over all shards, as applications see it: driver, URLs and data sources. */
@NullMarked
package dev.shardwright.router.jdbc;

import org.jspecify.annotations.NullMarked;

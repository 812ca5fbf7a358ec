/** JDBC over all shards: driver, data sources, connections, statements. */
@NullMarked
package dev.shardwright.router.jdbc;

import org.jspecify.annotations.NullMarked;

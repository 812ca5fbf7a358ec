/** Connections, statements and rows over all shards, as java.sql has them. */
@NullMarked
package dev.shardwright.router.internal.jdbc.connection;

import org.jspecify.annotations.NullMarked;

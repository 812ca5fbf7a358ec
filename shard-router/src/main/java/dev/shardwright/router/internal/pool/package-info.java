/** HikariCP pools, one per endpoint, following the topology. */
@NullMarked
package dev.shardwright.router.internal.pool;

import org.jspecify.annotations.NullMarked;

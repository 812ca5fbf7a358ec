/** What a session over all shards has set, as it is kept, shown and brought to a shard. */
@NullMarked
package dev.shardwright.router.internal.jdbc.setting;

import org.jspecify.annotations.NullMarked;

/** Commands that measure skew, plan, and move ranges between shards. */
@NullMarked
package dev.shardwright.cli.moves;

import org.jspecify.annotations.NullMarked;

/**
 * What a range move installs on its two shards and takes away again: registers, the owner row,
 * gates, captures with their key logs, and triggers against TRUNCATE.
 */
@NullMarked
package dev.shardwright.rebalance.internal.capture;

import org.jspecify.annotations.NullMarked;

/**
 * What a range move installs on its two shards and takes away again: registers, the owner row,
 * gates, the key logs in which they capture what they let pass, and triggers against TRUNCATE.
 */
@NullMarked
package dev.shardwright.rebalance.internal.capture;

import org.jspecify.annotations.NullMarked;

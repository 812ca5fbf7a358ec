/**
 * Shardwright against what one would use instead: code written by hand, and another library. All do
 * the same work on the same servers, and answer the same before they are timed.
 */
@NullMarked
package dev.shardwright.bench.peers;

import org.jspecify.annotations.NullMarked;

/**
 * Brings the rows of a range move to the other side and keeps them there: chunked COPY with
 * checkpoints, the draining of key logs, sequences; and takes rows away in the end.
 */
@NullMarked
package dev.shardwright.rebalance.internal.copy;

import org.jspecify.annotations.NullMarked;

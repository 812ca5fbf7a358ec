/** Tells what happens to migrations: to the log, to the metrics, and to whoever listens. */
@NullMarked
package dev.shardwright.rebalance.internal.events;

import org.jspecify.annotations.NullMarked;

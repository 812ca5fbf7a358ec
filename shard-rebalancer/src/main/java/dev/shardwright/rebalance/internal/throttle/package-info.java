/** Keeps the mover's work from hurting the service: a rate, and signals that pause it. */
@NullMarked
package dev.shardwright.rebalance.internal.throttle;

import org.jspecify.annotations.NullMarked;

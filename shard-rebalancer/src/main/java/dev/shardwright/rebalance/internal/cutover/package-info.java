/**
 * How ranges change hands: one attempt after the other, each with routers that wait, a gate that
 * keeps writers out, and a fence, within a budget.
 */
@NullMarked
package dev.shardwright.rebalance.internal.cutover;

import org.jspecify.annotations.NullMarked;

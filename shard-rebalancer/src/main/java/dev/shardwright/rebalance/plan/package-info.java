/**
 * What should move where, and why: rows, bytes and load per virtual node become skew, and skew
 * becomes a plan that explains itself. Same input, same plan. Pure.
 */
@NullMarked
package dev.shardwright.rebalance.plan;

import org.jspecify.annotations.NullMarked;

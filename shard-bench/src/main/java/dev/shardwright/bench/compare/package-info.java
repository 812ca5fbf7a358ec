/**
 * Whole-system comparisons: contenders take turns in one JVM, and every figure is a ratio against
 * the floor of its own turn.
 */
@NullMarked
package dev.shardwright.bench.compare;

import org.jspecify.annotations.NullMarked;

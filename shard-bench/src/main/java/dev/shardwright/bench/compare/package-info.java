/**
 * Comparisons of whole systems. Where the same is done by several contenders, they take turns in
 * one JVM, and figures are ratios against the floor of the same round; where time or memory is the
 * point, it is told as it is.
 */
@NullMarked
package dev.shardwright.bench.compare;

import org.jspecify.annotations.NullMarked;

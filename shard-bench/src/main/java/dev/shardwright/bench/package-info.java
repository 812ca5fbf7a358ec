/** Benchmarks; every claim is a ratio against a floor measured in the same run. */
@NullMarked
package dev.shardwright.bench;

import org.jspecify.annotations.NullMarked;

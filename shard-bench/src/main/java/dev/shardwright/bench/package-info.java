/**
 * Benchmarks. What is claimed to be fast is so against a floor that was measured in the same run.
 */
@NullMarked
package dev.shardwright.bench;

import org.jspecify.annotations.NullMarked;

/** JMH benchmarks of single operations; {@code bin/bench} runs them. */
@NullMarked
package dev.shardwright.bench.jmh;

import org.jspecify.annotations.NullMarked;

/** One immutable snapshot of a cluster, and the contract of the store that holds it. Pure. */
@NullMarked
package dev.shardwright.topology;

import org.jspecify.annotations.NullMarked;

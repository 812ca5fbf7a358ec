/** How the stores hand newer topologies to their listeners. Pure. */
@NullMarked
package dev.shardwright.internal.watch;

import org.jspecify.annotations.NullMarked;

/** What can be seen of migrations while they are carried out. Pure. */
@NullMarked
package dev.shardwright.rebalance.watch;

import org.jspecify.annotations.NullMarked;

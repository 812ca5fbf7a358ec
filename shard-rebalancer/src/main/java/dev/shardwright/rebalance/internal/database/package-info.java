/** The mover's sessions in the databases, and its transactions, which its gates let pass. */
@NullMarked
package dev.shardwright.rebalance.internal.database;

import org.jspecify.annotations.NullMarked;

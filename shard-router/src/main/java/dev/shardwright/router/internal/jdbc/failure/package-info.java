/** How a failure is told by JDBC: exceptions with the states of this driver, and several as one. */
@NullMarked
package dev.shardwright.router.internal.jdbc.failure;

import org.jspecify.annotations.NullMarked;

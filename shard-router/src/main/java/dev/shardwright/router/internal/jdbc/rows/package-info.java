/**
 * Result sets beside those of the driver, and what is known of their columns without a connection.
 */
@NullMarked
package dev.shardwright.router.internal.jdbc.rows;

import org.jspecify.annotations.NullMarked;

/** What becomes of the driver's result sets in the hands of the router's callers. */
@NullMarked
package dev.shardwright.router.internal.rows;

import org.jspecify.annotations.NullMarked;

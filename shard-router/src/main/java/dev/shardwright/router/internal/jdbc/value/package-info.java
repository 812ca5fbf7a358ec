/** The values that callers set for parameters, and what is known of parameters. */
@NullMarked
package dev.shardwright.router.internal.jdbc.value;

import org.jspecify.annotations.NullMarked;

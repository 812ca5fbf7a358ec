/** What the router counts and times. */
@NullMarked
package dev.shardwright.router.internal.metrics;

import org.jspecify.annotations.NullMarked;

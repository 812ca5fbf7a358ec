/** Commands that set a cluster up, change it, and show what it is. */
@NullMarked
package dev.shardwright.cli.setup;

import org.jspecify.annotations.NullMarked;

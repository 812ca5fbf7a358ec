/** Commands for operators. Arrives with the admin CLI. */
@NullMarked
package dev.shardwright.cli;

import org.jspecify.annotations.NullMarked;

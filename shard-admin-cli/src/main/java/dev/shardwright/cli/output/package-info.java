/** What commands answer, as values, and how it becomes text for people and JSON for programs. */
@NullMarked
package dev.shardwright.cli.output;

import org.jspecify.annotations.NullMarked;

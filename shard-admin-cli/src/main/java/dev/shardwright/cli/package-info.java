/**
 * The program {@code shard-admin}: reads a command line, runs the command, answers an exit code.
 */
@NullMarked
package dev.shardwright.cli;

import org.jspecify.annotations.NullMarked;

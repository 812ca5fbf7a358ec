/**
 * The daemon: stands for election, samples skew, looks for what is wrong, and answers over HTTP.
 */
@NullMarked
package dev.shardwright.cli.daemon;

import org.jspecify.annotations.NullMarked;

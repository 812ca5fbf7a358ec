/** Commands that ask for rows, bring them in, and look whether they are where they belong. */
@NullMarked
package dev.shardwright.cli.data;

import org.jspecify.annotations.NullMarked;

/** The errors that every part of Shardwright throws, sorted by who can act on them. */
@NullMarked
package dev.shardwright;

import org.jspecify.annotations.NullMarked;

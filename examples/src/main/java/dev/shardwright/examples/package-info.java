/** Small services that show how Shardwright is used; the code in README.md is compiled here. */
@NullMarked
package dev.shardwright.examples;

import org.jspecify.annotations.NullMarked;

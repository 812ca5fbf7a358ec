/** The one way to set up and change a cluster. */
@NullMarked
package dev.shardwright.admin;

import org.jspecify.annotations.NullMarked;

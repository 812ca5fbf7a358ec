/** Where user names and passwords come from; they are never part of the topology. Pure. */
@NullMarked
package dev.shardwright.credentials;

import org.jspecify.annotations.NullMarked;

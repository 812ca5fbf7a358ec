/** Works out from facts what is wrong with a cluster, how bad that is, and what to do. */
@NullMarked
package dev.shardwright.cli.daemon.alert;

import org.jspecify.annotations.NullMarked;

/**
 * The demo behind bin/quickstart: servers, data, traffic by key, and a check that nothing was lost.
 */
@NullMarked
package dev.shardwright.examples.quickstart;

import org.jspecify.annotations.NullMarked;

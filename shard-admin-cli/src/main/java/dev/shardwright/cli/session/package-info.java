/** What every command works with: its settings, its connections, its terminal. */
@NullMarked
package dev.shardwright.cli.session;

import org.jspecify.annotations.NullMarked;

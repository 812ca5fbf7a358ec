/**
 * A statement as a text: its tokens by PostgreSQL's lexical rules, what stands at its places, and
 * the refusal of what cannot be read.
 */
@NullMarked
package dev.shardwright.router.internal.sql.scan;

import org.jspecify.annotations.NullMarked;

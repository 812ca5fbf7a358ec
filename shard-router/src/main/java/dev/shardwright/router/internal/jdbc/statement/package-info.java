/**
 * A statement or batch as its caller gave it: carried out on one connection, cancelled, and
 * answered.
 */
@NullMarked
package dev.shardwright.router.internal.jdbc.statement;

import org.jspecify.annotations.NullMarked;

/**
 * A statement as a tree: parsed once, held to be what PostgreSQL reads, looked through and copied.
 * The only package that runs the parser.
 */
@NullMarked
package dev.shardwright.router.internal.sql.tree;

import org.jspecify.annotations.NullMarked;

/**
 * One query over several shards while it runs, with the steps that all ways of answering it have in
 * common.
 */
@NullMarked
package dev.shardwright.router.internal.scatter.query;

import org.jspecify.annotations.NullMarked;

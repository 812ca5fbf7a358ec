/**
 * Real servers for tests and demos: PostgreSQL, ZooKeeper, a TCP proxy that injects faults, and
 * processes to be killed or frozen.
 */
@NullMarked
package dev.shardwright.testkit;

import org.jspecify.annotations.NullMarked;

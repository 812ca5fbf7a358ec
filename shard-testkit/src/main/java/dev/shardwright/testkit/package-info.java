/** Real servers for tests and demos: PostgreSQL, ZooKeeper, and a TCP proxy that injects faults. */
@NullMarked
package dev.shardwright.testkit;

import org.jspecify.annotations.NullMarked;

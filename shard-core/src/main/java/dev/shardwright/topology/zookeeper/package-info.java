/** The topology store, membership and leader election on ZooKeeper; nothing else knows Curator. */
@NullMarked
package dev.shardwright.topology.zookeeper;

import org.jspecify.annotations.NullMarked;

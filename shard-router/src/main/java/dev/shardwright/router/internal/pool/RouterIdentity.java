package dev.shardwright.router.internal.pool;

import dev.shardwright.topology.Epoch;
import java.util.function.Supplier;

/**
 * Who opens connections, as it introduces itself to the databases.
 *
 * @param cluster the cluster's name
 * @param router the router's number in the cluster
 * @param epoch the newest topology that the router has, at the time of asking
 */
public record RouterIdentity(String cluster, int router, Supplier<Epoch> epoch) {}

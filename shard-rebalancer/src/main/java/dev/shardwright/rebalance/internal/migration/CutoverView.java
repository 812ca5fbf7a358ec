package dev.shardwright.rebalance.internal.migration;

import dev.shardwright.topology.RangeMove;
import java.util.OptionalLong;

/**
 * What a mover knows on the way to a cutover.
 *
 * @param move the range move as it was read last
 * @param direction where the ranges are to go
 * @param mover the fencing token of this mover
 * @param attempt the value of the move at which this mover raised the hold; empty if it has not
 * @param registerOfOwner the register of the shard that the ranges are with, as it was read last
 * @param routersReady whether all routers wait, or are cut off
 * @param gateHeld whether a transaction of this mover that is still alive holds the gate
 * @param drained whether within that transaction the key logs were found empty
 * @param fenced whether that transaction has raised the register and is committed
 * @param inBudget whether there is time left in which work may wait
 */
public record CutoverView(
    RangeMove move,
    Direction direction,
    int mover,
    OptionalLong attempt,
    long registerOfOwner,
    boolean routersReady,
    boolean gateHeld,
    boolean drained,
    boolean fenced,
    boolean inBudget) {}

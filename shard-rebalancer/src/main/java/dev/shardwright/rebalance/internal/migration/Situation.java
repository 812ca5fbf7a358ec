package dev.shardwright.rebalance.internal.migration;

import dev.shardwright.topology.RangeMove;
import java.util.Optional;

/**
 * What was seen of a migration, for the next decision.
 *
 * @param desired what people want of it
 * @param move the range move as the topology has it; empty if it is not there, yet or any more
 * @param complete whether the work of the recorded state is done
 * @param verified whether every row was compared in this direction since copying began or a server
 *     was replaced
 * @param attemptsLeft whether the ranges may be tried to change hands once more before a rest
 * @param waitedFor for whom the attempts waited until their time was over, for people; empty if
 *     that is not known, or if there was none
 * @param windowOver whether the time is over within which the ranges can be taken back
 * @param obstacle why the migration cannot go on; empty if it can
 */
public record Situation(
    Desired desired,
    Optional<RangeMove> move,
    boolean complete,
    boolean verified,
    boolean attemptsLeft,
    Optional<String> waitedFor,
    boolean windowOver,
    Optional<String> obstacle) {}

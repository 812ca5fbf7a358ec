package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.ShardException;

/**
 * A sequence cannot be moved past the numbers of rows that come, and would draw some of them: the
 * operator has to let it go on from there.
 */
public final class SequenceEnds extends ShardException {
  SequenceEnds(String sequence, long end, long drawn) {
    super(
        "sequence %s ends at %d on the shard that the rows go to, and is at %d on the other: it would draw the numbers of rows that come; alter it there as bigint, or give both shards numbers of their own"
            .formatted(sequence, end, drawn),
        null);
  }
}

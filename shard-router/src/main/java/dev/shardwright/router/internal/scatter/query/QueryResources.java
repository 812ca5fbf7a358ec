package dev.shardwright.router.internal.scatter.query;

import dev.shardwright.router.internal.run.Runner;
import dev.shardwright.router.internal.scatter.fanout.Admission;
import dev.shardwright.router.internal.scatter.fanout.InterruptWatch;
import dev.shardwright.router.internal.scatter.rows.ByteOrder;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all queries over several shards of one router share. Thread-safe.
 *
 * @param runner carries out what concerns one shard
 * @param workers run the parts
 * @param wishes send wishes to cancel
 * @param clock ends what takes too long
 * @param interrupts watches callers that run parts of their queries
 * @param admission bounds the queries that hold connections of several shards
 * @param byteOrder knows which collations order by bytes
 * @param experience what was learnt from queries before
 * @param turns counts what is to be spread over the shards
 */
public record QueryResources(
    Runner runner,
    ExecutorService workers,
    ExecutorService wishes,
    ScheduledExecutorService clock,
    InterruptWatch interrupts,
    Admission admission,
    ByteOrder byteOrder,
    Experience experience,
    AtomicInteger turns) {

  /** A number below the bound, another one each time. */
  public int turn(int bound) {
    return Math.floorMod(turns.getAndIncrement(), bound);
  }
}

package dev.shardwright.admin;

import dev.shardwright.ring.ShardId;
import dev.shardwright.topology.TableName;
import java.util.List;
import java.util.Optional;

/**
 * How the rows of one table are on one shard.
 *
 * @param shard where
 * @param keyspace the table's keyspace; empty for a reference table
 * @param table the table
 * @param rows how many there are
 * @param strays how many of them belong to another shard
 * @param moving how many of them are of ranges that move now, and may be on two shards for as long
 * @param problems what is wrong, in sentences; empty if all is well
 */
public record RowCheck(
    ShardId shard,
    Optional<String> keyspace,
    TableName table,
    long rows,
    long strays,
    long moving,
    List<String> problems) {
  /** Keeps a copy. */
  public RowCheck {
    problems = List.copyOf(problems);
  }

  /** The same with that problem in the place of the others. */
  RowCheck withProblem(String problem) {
    return new RowCheck(shard, keyspace, table, rows, strays, moving, List.of(problem));
  }
}

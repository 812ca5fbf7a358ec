package dev.shardwright.router.internal.sql.write;

import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.util.List;

/**
 * The part of a write that one shard carries out.
 *
 * @param destination the shard, and the keys of its rows where they are known one by one
 * @param text what it is sent
 * @param rows which of the rows of VALUES these are, counted from 0; empty if the statement has no
 *     such rows
 */
public record ShardWrite(Destination.OneShard destination, SqlText text, List<Integer> rows) {
  public ShardWrite {
    rows = List.copyOf(rows);
  }
}

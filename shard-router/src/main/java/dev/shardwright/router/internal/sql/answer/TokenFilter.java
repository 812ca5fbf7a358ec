package dev.shardwright.router.internal.sql.answer;

import dev.shardwright.topology.TableName;
import java.util.Optional;

/** Says which rows of the sharded tables a shard's part of a statement sees. */
@FunctionalInterface
public interface TokenFilter {
  /** All of them. */
  TokenFilter NONE = (table, row) -> Optional.empty();

  /**
   * The condition that the rows of a table have to meet, such as that their tokens are in a set.
   *
   * @param row what to write before a column's name: empty, or a name for the row and a dot
   * @return SQL of which strings do not begin with a tilde; empty if all rows are seen
   */
  Optional<String> condition(TableName table, String row);
}

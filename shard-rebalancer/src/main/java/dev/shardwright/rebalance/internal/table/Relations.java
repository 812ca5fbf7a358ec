package dev.shardwright.rebalance.internal.table;

/** A table and all its partitions, in SQL. */
public final class Relations {
  /**
   * To select {@code p.relid} from; the parameter is the table. The server's own function has no
   * row for a table without partitions.
   */
  public static final String SQL =
      "(select relid from (select ?::regclass as root) asked cross join lateral"
          + " (select relid from pg_partition_tree(root) union select root) related) p";

  private Relations() {}
}

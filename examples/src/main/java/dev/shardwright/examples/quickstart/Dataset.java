package dev.shardwright.examples.quickstart;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.router.ShardRouter;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/**
 * Something to load and work on: the tables of one keyspace, their rows, and one read and one write
 * by key.
 */
interface Dataset {

  /** What is loaded, for the first line of the summary. */
  String title();

  /** The keyspace that all sharded tables belong to. */
  String keyspace();

  /** The statements that create the tables, the same on every shard. */
  List<String> tableDefinitions();

  /** Registers keyspace and tables. */
  void register(ClusterAdmin admin);

  /** The sharded tables, for the check at the end. */
  List<CheckedTable> checkedTables();

  /** The table and column that count the writes of each key. */
  CheckedCounter checkedCounter();

  /**
   * Puts all rows where they belong.
   *
   * @param ledger is told of every row
   * @return how many records were rejected, for want of a sharding key
   */
  int load(ShardRouter router, Ledger ledger) throws IOException, SQLException;

  /** How many records of the data are in the ledger now. */
  long loadedRows(Ledger ledger);

  /** The sharding keys that have rows. */
  List<Long> keys();

  /** What a service does with it, by key. */
  WorkSql work();

  /** A query over the rows of all shards, for the summary. */
  String overview();

  /** The table that {@link #work} inserts into. */
  CheckedTable written();

  /**
   * A sharded table whose rows are all counted at the end.
   *
   * @param name the table
   * @param key the column of the sharding key
   * @param primaryKey an SQL expression that gives a row's primary key as text
   */
  record CheckedTable(String name, String key, String primaryKey) {}

  /**
   * A column that counts something for each sharding key.
   *
   * @param table the table
   * @param key the column of the sharding key, which is the primary key
   * @param column the counter
   */
  record CheckedCounter(String table, String key, String column) {}
}

package dev.shardwright.bench.compare;

import dev.shardwright.testkit.PostgresServer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * A table of orders that is written to in several ways over a plain connection, whether it has a
 * guard or not. Used by one thread at a time.
 */
final class GuardedRows implements AutoCloseable {
  /** How many rows a bulk statement writes. */
  static final int BULK = 1_000;

  /** Bulk statements are rolled back; after so many, what they left is swept away. */
  private static final int SWEEP = 100;

  private final Connection connection;
  private final String table;
  private final List<Long> keys;
  private final byte[] copied;
  private final PreparedStatement insertMany;
  private final PreparedStatement insertOne;
  private final PreparedStatement updateOne;
  private long nextId = 1;
  private int sinceSweep;

  /**
   * @param table made by {@link #create}
   * @param keys {@value #BULK} sharding keys that the shard owns
   */
  GuardedRows(PostgresServer shard, String table, List<Long> keys) throws Exception {
    this.table = table;
    this.keys = keys;
    this.copied =
        keys.stream()
            .map(key -> key + "\t0\towner\t100\n")
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.US_ASCII);
    this.connection = shard.connect();
    this.insertMany =
        connection.prepareStatement(
            "insert into " + table + " select key, 0, 'owner', 100 from unnest(?) key");
    insertMany.setArray(1, connection.createArrayOf("bigint", keys.toArray()));
    this.insertOne =
        connection.prepareStatement("insert into " + table + " values (?, ?, 'owner', 100)");
    this.updateOne =
        connection.prepareStatement(
            "update " + table + " set balance = balance + 1 where account_id = ? and id = 0");
  }

  static void create(PostgresServer shard, String table) throws SQLException {
    shard.execute(
        "create table "
            + table
            + " (account_id bigint, id bigint, owner text not null,"
            + " balance numeric(12, 2) not null, primary key (account_id, id))");
  }

  /** Copies {@value #BULK} rows in, and rolls back. */
  void copy() throws Exception {
    rolledBack(
        () ->
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + table + " from stdin", new ByteArrayInputStream(copied)));
  }

  /** Inserts {@value #BULK} rows by one statement, and rolls back. */
  void insertMany() throws Exception {
    rolledBack(insertMany::executeUpdate);
  }

  /** Makes the table one of {@value #BULK} rows, for the statements of one row. */
  void fill() throws SQLException {
    execute("truncate " + table);
    insertMany.executeUpdate();
    execute("vacuum analyze " + table);
  }

  /** Inserts a row and commits. */
  void insertOne(Random random) throws SQLException {
    insertOne.setLong(1, key(random));
    insertOne.setLong(2, nextId++);
    insertOne.executeUpdate();
  }

  /** Changes a row, not its key, and commits. */
  void updateOne(Random random) throws SQLException {
    updateOne.setLong(1, key(random));
    if (updateOne.executeUpdate() != 1) {
      throw new SQLException("no row to update in " + table);
    }
  }

  private long key(Random random) {
    return keys.get(random.nextInt(keys.size()));
  }

  /** A statement that writes {@value #BULK} rows. */
  private interface Bulk {
    long write() throws Exception;
  }

  private void rolledBack(Bulk bulk) throws Exception {
    connection.setAutoCommit(false);
    long rows = bulk.write();
    connection.rollback();
    connection.setAutoCommit(true);
    if (rows != BULK) {
      throw new SQLException(rows + " rows were written to " + table);
    }
    if (++sinceSweep == SWEEP) {
      sinceSweep = 0;
      execute("truncate " + table);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

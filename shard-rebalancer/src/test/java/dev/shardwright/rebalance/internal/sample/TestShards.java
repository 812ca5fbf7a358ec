package dev.shardwright.rebalance.internal.sample;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Databases for one test, on the server that all tests of this JVM share; each is a shard. */
final class TestShards implements AutoCloseable, ShardSessions {
  private final SortedMap<ShardId, TestDatabase> databases = new TreeMap<>();

  /** A new shard in that database with these tables. */
  Shard add(String id, String ddl) throws SQLException {
    TestDatabase database = PostgresServer.shared().freshDatabase();
    databases.put(ShardId.of(id), database);
    database.execute(ddl);
    return Shard.of(ShardId.of(id), new Endpoint(database.url(), database.user()));
  }

  @Override
  public Connection open(Shard shard) throws SQLException {
    return database(shard.id()).connect();
  }

  void execute(ShardId shard, String sql) throws SQLException {
    database(shard).execute(sql);
  }

  long number(ShardId shard, String sql) throws SQLException {
    try (Connection connection = database(shard).connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private TestDatabase database(ShardId shard) {
    return Objects.requireNonNull(databases.get(shard), shard.value());
  }

  @Override
  public void close() throws SQLException {
    for (TestDatabase database : databases.values()) {
      database.close();
    }
  }
}

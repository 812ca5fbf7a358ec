package dev.shardwright.bench.compare;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.shardwright.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a careful hand would write for statements over all shards: a HikariCP pool for each, the
 * parts at the same time, the first by the calling thread. Thread-safe.
 */
final class FanOutByHand implements AutoCloseable {
  private final List<HikariDataSource> pools = new ArrayList<>();
  private final ExecutorService workers = Executors.newCachedThreadPool();

  FanOutByHand(List<PostgresServer> servers, int connections) {
    for (PostgresServer server : servers) {
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(server.url());
      config.setUsername(server.user());
      config.setPassword(server.password());
      config.setMaximumPoolSize(connections);
      config.setMinimumIdle(0);
      pools.add(new HikariDataSource(config));
    }
  }

  /** Binds what the part of a shard needs. */
  interface Binder {
    void bind(int shard, Connection connection, PreparedStatement statement) throws SQLException;
  }

  /** Reads one row. */
  interface Mapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** The rows of each shard. */
  <T> List<List<T>> query(String sql, Binder binder, Mapper<T> mapper) throws Exception {
    List<Future<List<T>>> others = new ArrayList<>();
    for (int i = 1; i < pools.size(); i++) {
      int shard = i;
      others.add(workers.submit(() -> part(shard, sql, binder, mapper)));
    }
    List<List<T>> parts = new ArrayList<>();
    parts.add(part(0, sql, binder, mapper));
    for (Future<List<T>> other : others) {
      parts.add(other.get());
    }
    return parts;
  }

  private <T> List<T> part(int shard, String sql, Binder binder, Mapper<T> mapper)
      throws SQLException {
    try (Connection connection = pools.get(shard).getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      binder.bind(shard, connection, statement);
      try (ResultSet rows = statement.executeQuery()) {
        List<T> all = new ArrayList<>();
        while (rows.next()) {
          all.add(mapper.map(rows));
        }
        return all;
      }
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
    pools.forEach(HikariDataSource::close);
  }
}

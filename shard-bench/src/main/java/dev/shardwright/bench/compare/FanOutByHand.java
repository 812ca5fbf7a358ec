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
public final class FanOutByHand implements AutoCloseable {
  private final List<HikariDataSource> pools = new ArrayList<>();
  private final ExecutorService workers = Executors.newCachedThreadPool();

  /** Pools of the router's size. */
  public FanOutByHand(List<String> urls, String user, String password, int connections) {
    for (String url : urls) {
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(url);
      config.setUsername(user);
      config.setPassword(password);
      config.setMaximumPoolSize(connections);
      config.setMinimumIdle(0);
      pools.add(new HikariDataSource(config));
    }
  }

  /** Pools of the router's size for servers with the same user. */
  public static FanOutByHand over(List<PostgresServer> servers, int connections) {
    return new FanOutByHand(
        servers.stream().map(PostgresServer::url).toList(),
        servers.get(0).user(),
        servers.get(0).password(),
        connections);
  }

  /** Binds what the part of a shard needs. */
  public interface Binder {
    void bind(int shard, Connection connection, PreparedStatement statement) throws SQLException;
  }

  /** Reads one row. */
  public interface Mapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** A connection of that shard's pool, to be closed by the caller. */
  public Connection connection(int shard) throws SQLException {
    return pools.get(shard).getConnection();
  }

  /** The rows of each shard. */
  public <T> List<List<T>> query(String sql, Binder binder, Mapper<T> mapper) throws Exception {
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

  /** Makes one answer of the rows of all shards, which need not be read to the end. */
  public interface Merger<T> {
    T merge(List<ResultSet> parts) throws SQLException;
  }

  /** What the merger makes of the rows. */
  public <T> T merge(String sql, Binder binder, Merger<T> merger) throws Exception {
    List<Future<Part>> others = new ArrayList<>();
    for (int i = 1; i < pools.size(); i++) {
      int shard = i;
      others.add(workers.submit(() -> open(shard, sql, binder)));
    }
    List<Part> parts = new ArrayList<>();
    try {
      parts.add(open(0, sql, binder));
      for (Future<Part> other : others) {
        parts.add(other.get());
      }
      return merger.merge(parts.stream().map(Part::rows).toList());
    } finally {
      for (Part part : parts) {
        part.close();
      }
    }
  }

  private record Part(Connection connection, PreparedStatement statement, ResultSet rows) {
    void close() throws SQLException {
      rows.close();
      statement.close();
      connection.close();
    }
  }

  private Part open(int shard, String sql, Binder binder) throws SQLException {
    Connection connection = connection(shard);
    PreparedStatement statement = connection.prepareStatement(sql);
    binder.bind(shard, connection, statement);
    return new Part(connection, statement, statement.executeQuery());
  }

  private <T> List<T> part(int shard, String sql, Binder binder, Mapper<T> mapper)
      throws SQLException {
    try (Connection connection = connection(shard);
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

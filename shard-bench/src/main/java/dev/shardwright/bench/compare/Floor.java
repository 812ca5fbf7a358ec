package dev.shardwright.bench.compare;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;

/**
 * What a careful hand would write for one shard: HikariCP over pgjdbc, with the shard known.
 * Thread-safe.
 */
final class Floor implements AutoCloseable {
  private final HikariDataSource pool;

  /**
   * A pool of the router's size.
   *
   * @param settings of the driver
   */
  Floor(String url, String user, String password, int connections, Map<String, String> settings) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword(password);
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    settings.forEach(config::addDataSourceProperty);
    this.pool = new HikariDataSource(config);
  }

  /** The owner of one account, or null. */
  String owner(String sql, long key) throws SQLException {
    return owner(pool, sql, key);
  }

  /** The owner of one account, from wherever the connections come. */
  static String owner(DataSource connections, String sql, long key) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, key);
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          throw new SQLException("no row of key " + key);
        }
        return rows.getString(1);
      }
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}

package dev.shardwright.examples.shop;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;

/** Code that knows JDBC, and nothing of shards. Thread-safe. */
public final class JdbcReport {
  private final DataSource dataSource;

  /** On a {@code jdbc:shardwright:} URL, or {@code router.dataSource()}. */
  public JdbcReport(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** No key: all shards, merged to what one PostgreSQL would have said. */
  public Map<Long, BigDecimal> bestCustomers(int count) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement query =
            connection.prepareStatement(
                "select user_id, sum(amount) from orders group by user_id order by 2 desc limit ?")) {
      query.setInt(1, count);
      try (ResultSet rows = query.executeQuery()) {
        Map<Long, BigDecimal> best = new LinkedHashMap<>();
        while (rows.next()) {
          best.put(rows.getLong(1), rows.getBigDecimal(2));
        }
        return best;
      }
    }
  }
}

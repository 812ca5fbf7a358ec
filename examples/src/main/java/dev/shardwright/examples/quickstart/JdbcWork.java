package dev.shardwright.examples.quickstart;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * A service that speaks JDBC, with one PostgreSQL or with many: it knows a data source and no
 * shard. What PostgreSQL asks to be done again, it does again.
 */
record JdbcWork(Supplier<DataSource> database, WorkSql sql) implements Traffic.Work {
  private static final String SERIALIZATION_FAILURE = "40001";
  private static final int ATTEMPTS = 3;

  @Override
  public void read(long key) throws SQLException {
    try (Connection connection = database.get().getConnection();
        PreparedStatement select = connection.prepareStatement(sql.select())) {
      select.setLong(1, key);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          rows.getString(1);
        }
      }
    }
  }

  @Override
  public String write(long key, long id) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = database.get().getConnection()) {
        connection.setAutoCommit(false);
        write(connection, key, id);
        return key + ":" + id;
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !SERIALIZATION_FAILURE.equals(e.getSQLState())) {
          throw e;
        }
      }
    }
  }

  private void write(Connection connection, long key, long id) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(sql.insert());
        PreparedStatement count = connection.prepareStatement(sql.count())) {
      insert.setLong(1, key);
      insert.setLong(2, id);
      insert.executeUpdate();
      count.setLong(1, key);
      count.executeUpdate();
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    }
  }
}

package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.FanOutByHand;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Plain JDBC over a data source that knows of the shards: Shardwright's, or the peer's. */
final class OverJdbc implements Bank {
  private final DataSource dataSource;
  private final Statements statements;
  private final Account lastBefore;

  /**
   * @param lastBefore the last of the first {@value Bank#DEEP} rows
   */
  OverJdbc(DataSource dataSource, String table, Account lastBefore) {
    this.dataSource = dataSource;
    this.statements = Statements.on(table);
    this.lastBefore = lastBefore;
  }

  @Override
  public String owner(long id) throws SQLException {
    return query(statements.owner(), statement -> statement.setLong(1, id), row -> row.getString(1))
        .get(0);
  }

  @Override
  public int rename(long id, String name) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(statements.rename())) {
        statement.setString(1, name);
        statement.setLong(2, id);
        int changed = statement.executeUpdate();
        connection.commit();
        return changed;
      }
    }
  }

  @Override
  public List<Account> accounts(List<Long> ids) throws SQLException {
    return query(
        statements.accounts(),
        statement -> {
          for (int i = 0; i < ids.size(); i++) {
            statement.setLong(i + 1, ids.get(i));
          }
        },
        Account::of);
  }

  @Override
  public long count() throws SQLException {
    return query(statements.count(), NOTHING, row -> row.getLong(1)).get(0);
  }

  @Override
  public List<Branch> sums() throws SQLException {
    return query(statements.sums(), NOTHING, Branch::of);
  }

  @Override
  public List<Branch> averages() throws SQLException {
    return query(statements.averages(), NOTHING, Branch::of);
  }

  @Override
  public List<Account> firstPage() throws SQLException {
    return query(statements.firstPage(), NOTHING, Account::of);
  }

  @Override
  public List<Account> deepPage() throws SQLException {
    return query(statements.deepPage(), NOTHING, Account::of);
  }

  @Override
  public List<Account> pageAfter() throws SQLException {
    return query(
        statements.pageAfter(),
        statement -> {
          statement.setBigDecimal(1, lastBefore.balance());
          statement.setBigDecimal(2, lastBefore.balance());
          statement.setLong(3, lastBefore.id());
        },
        Account::of);
  }

  private interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private static final Binder NOTHING = statement -> {};

  private <T> List<T> query(String sql, Binder binder, FanOutByHand.Mapper<T> mapper)
      throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      binder.bind(statement);
      try (ResultSet rows = statement.executeQuery()) {
        List<T> all = new ArrayList<>();
        while (rows.next()) {
          all.add(mapper.map(rows));
        }
        return all;
      }
    }
  }
}

package dev.shardwright.router.internal.scatter.finishing;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.scatter.fanout.Cancellation;
import dev.shardwright.router.internal.scatter.part.PartStatement;
import dev.shardwright.router.internal.scatter.part.QueryLoan;
import dev.shardwright.router.internal.scatter.part.ShardPart;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.PartialRows;
import dev.shardwright.router.internal.scatter.rows.RowShape;
import dev.shardwright.router.internal.sql.answer.Gather;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * The shard where copies of tables are made, filled and queried, in one transaction. Several
 * threads may bring rows; one at a time is served, and whoever ends it waits for that one.
 */
final class CopyTarget {
  private final ShardId shard;
  private final Connection connection;
  private final PgConnection driver;
  private final @Nullable QueryLoan loan;
  private final Cancellation cancellation;
  private final List<TableShape> tables = new ArrayList<>();
  private boolean ended;

  /**
   * @param connection in a transaction
   * @param loan the loan of the connection; null if it is the caller's
   */
  CopyTarget(
      ShardId shard, Connection connection, @Nullable QueryLoan loan, Cancellation cancellation)
      throws SQLException {
    this.shard = shard;
    this.connection = connection;
    this.driver = connection.unwrap(PgConnection.class);
    this.loan = loan;
    this.cancellation = cancellation;
  }

  ShardId shard() {
    return shard;
  }

  /** Makes the copies, empty. */
  synchronized List<TableShape> create(List<Gather.Copy> copies) throws SQLException {
    List<String> statements = new ArrayList<>();
    for (Gather.Copy copy : copies) {
      TableShape table = TableShape.of(copy, connection);
      tables.add(table);
      statements.add(table.create());
    }
    execute(String.join("; ", statements));
    return List.copyOf(tables);
  }

  /** Adds the shard's own rows; gives how many. */
  synchronized int addOwn(PartStatement insert) throws SQLException {
    return during(
        () -> {
          try (PreparedStatement statement = forwardOnly(insert)) {
            return statement.executeUpdate();
          }
        });
  }

  /** Adds rows that came from another shard. */
  synchronized void add(TableShape table, RowShape shape, PartialRows rows) throws SQLException {
    var unused =
        during(
            () -> {
              try (PreparedStatement statement =
                  driver.prepareStatement(table.insertArrays(shape.typeNames()))) {
                for (int column = 1; column <= rows.columns(); column++) {
                  statement.setArray(column, driver.createArrayOf("text", rows.column(column)));
                }
                return statement.executeUpdate();
              }
            });
  }

  /** Runs the last query; all of its rows are here then. */
  synchronized PartRows query(ShardPart last) throws SQLException {
    checkNotEnded();
    return last.on(connection);
  }

  /** Whether the transaction is the caller's, and goes on. */
  boolean isCallers() {
    return loan == null;
  }

  /**
   * Ends the transaction that was begun for the copies, or drops them from the caller's, unless
   * that has failed. Waits for whoever brings rows. Safe to repeat.
   */
  synchronized void end() throws SQLException {
    if (ended) {
      return;
    }
    ended = true;
    if (loan != null) {
      loan.end(null);
    } else if (!tables.isEmpty() && driver.getTransactionState() == TransactionState.OPEN) {
      try (Statement statement = driver.createStatement()) {
        statement.execute(
            "drop table if exists "
                + String.join(", ", tables.stream().map(TableShape::temporary).toList()));
      }
    }
  }

  private void execute(String statements) throws SQLException {
    during(
        () -> {
          try (Statement statement = driver.createStatement()) {
            return statement.execute(statements);
          }
        });
  }

  private PreparedStatement forwardOnly(PartStatement statement) throws SQLException {
    return statement.prepare(driver, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
  }

  private <T> T during(Cancellation.Exchange<T> exchange) throws SQLException {
    checkNotEnded();
    return isCallers()
        ? cancellation.duringTransaction(driver, exchange)
        : cancellation.during(driver, exchange);
  }

  private void checkNotEnded() throws SQLException {
    if (ended) {
      throw new SQLException("the query has ended", "57014");
    }
  }
}

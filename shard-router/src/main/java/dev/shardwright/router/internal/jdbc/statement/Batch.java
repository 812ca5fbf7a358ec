package dev.shardwright.router.internal.jdbc.statement;

import com.google.common.primitives.ImmutableLongArray;
import dev.shardwright.router.internal.rows.OutlivingRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;

/**
 * Statements of one batch that go to the same shard together: one text with several rows of
 * parameters, or several texts.
 *
 * @param entries at least one; all prepared from the same text, or none
 */
public record Batch(
    List<BatchEntry> entries, GeneratedKeys keys, StatementOptions options, Running running) {

  /** What came of it: how many rows each changed, and the generated keys of all. */
  public record Outcome(ImmutableLongArray counts, Answered keys) {}

  /** One of its entries as a call of its own. */
  public Call call(BatchEntry entry) {
    return new Call(entry.analysis(), entry.prepared(), entry.arguments(), keys, options, running);
  }

  /** An entry that tells what was drawn is to tell what those before it have drawn. */
  public void forgetDrawn(Connection connection) throws SQLException {
    if (entries.stream().anyMatch(entry -> entry.analysis().tellsDrawn())) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("discard sequences");
      }
    }
  }

  /**
   * Carries it out on a connection of the driver.
   *
   * @param outlive whether the keys will be read after the connection has been given back
   */
  public Outcome on(Connection connection, boolean outlive, int limitSeconds) throws SQLException {
    Statement statement = create(connection);
    try {
      options.applyTo(statement, limitSeconds);
      for (BatchEntry entry : entries) {
        add(statement, entry);
      }
      Running.Cancel cancel = statement::cancel;
      running.begin(cancel);
      long[] counts;
      try {
        counts = statement.executeLargeBatch();
      } finally {
        running.end(cancel);
      }
      return new Outcome(ImmutableLongArray.copyOf(counts), keysOf(statement, outlive));
    } catch (SQLException | RuntimeException e) {
      Call.closeAfter(e, statement);
      throw e;
    }
  }

  private Answered keysOf(Statement statement, boolean outlive) throws SQLException {
    if (!keys.wanted()) {
      statement.close();
      return Answered.NOTHING;
    }
    var generated = statement.getGeneratedKeys();
    SQLWarning warnings = statement.getWarnings();
    boolean tied = !outlive && options.fetchSize > 0;
    if (outlive) {
      OutlivingRows.detach(statement, generated);
    } else if (!tied) {
      OutlivingRows.learnTypes(statement, generated);
    }
    return new Answered(null, -1, generated, warnings, outlive ? null : statement, tied);
  }

  private Statement create(Connection connection) throws SQLException {
    BatchEntry first = entries.get(0);
    if (!first.prepared()) {
      return connection.createStatement();
    }
    String text = first.analysis().text().text();
    if (keys.all()) {
      return connection.prepareStatement(text, Statement.RETURN_GENERATED_KEYS);
    }
    return keys.wanted()
        ? connection.prepareStatement(text, keys.names())
        : connection.prepareStatement(text);
  }

  private static void add(Statement statement, BatchEntry entry) throws SQLException {
    if (statement instanceof PreparedStatement prepared) {
      Call.bind(prepared, entry.analysis().text().bindings(), entry.arguments());
      prepared.addBatch();
    } else {
      statement.addBatch(entry.analysis().text().text());
    }
  }
}

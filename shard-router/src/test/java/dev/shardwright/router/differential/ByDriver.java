package dev.shardwright.router.differential;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Asks the cluster through JDBC. */
final class ByDriver implements AutoCloseable {
  private final DataSource source;
  private final Connection connection;

  ByDriver(FourAndOne databases) throws SQLException {
    this.source = databases.router(new SimpleMeterRegistry()).dataSource();
    this.connection = source.getConnection();
  }

  Outcome ask(CorpusCase statement) throws SQLException {
    if (statement.before().isEmpty()) {
      return Session.ask(connection, statement.question());
    }
    try (Connection own = source.getConnection()) {
      for (String setting : statement.before()) {
        Session.execute(own, setting);
      }
      return Session.ask(own, statement.question());
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

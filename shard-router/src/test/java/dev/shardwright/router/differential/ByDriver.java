package dev.shardwright.router.differential;

import dev.shardwright.router.jdbc.ShardwrightDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Asks the cluster through JDBC. */
final class ByDriver implements AutoCloseable {
  private final DataSource source;
  private final Connection connection;

  ByDriver(FourAndOne databases) throws SQLException {
    this(databases.router(new SimpleMeterRegistry()).dataSource());
  }

  private ByDriver(DataSource source) throws SQLException {
    this.source = source;
    this.connection = source.getConnection();
  }

  /** With consent to writes to several shards. */
  static ByDriver thatWritesToSeveralShards(FourAndOne databases) throws SQLException {
    return new ByDriver(new ShardwrightDataSource(databases.url(true)));
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

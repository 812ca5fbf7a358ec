package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.run.OnConnection;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Runner;
import java.sql.Connection;
import java.sql.SQLException;

/** Asks shards about their catalogs. Thread-safe. */
final class ShardCatalog {
  /** A catalog is read in milliseconds, and another shard can be asked. */
  private static final int PATIENCE_MILLIS = 5_000;

  private final Runner runner;

  ShardCatalog(Runner runner) {
    this.runner = runner;
  }

  /** Reads from a catalog. */
  @FunctionalInterface
  interface Question<T> {
    T on(Connection connection) throws SQLException;
  }

  <T> T ask(Target target, Question<T> question) {
    return runner.run(
        target,
        new OnConnection<>(StatementKind.QUERY) {
          @Override
          public T on(Connection connection) throws SQLException {
            connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS); // the pool restores it
            return question.on(connection);
          }

          @Override
          public Repeat repeat() {
            return Repeat.ALWAYS;
          }
        });
  }
}

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
            return question.on(connection);
          }

          @Override
          public Repeat repeat() {
            return Repeat.ALWAYS;
          }
        });
  }
}

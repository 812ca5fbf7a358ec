package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.shardwright.internal.schema.Transaction;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import dev.shardwright.topology.TableName;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.BaseConnection;

class TableContentIT {
  /** A rollback would wait for the copy, and the rest of the copy for memory. */
  @Test
  void endsBothSessionsWhereARowDoesNotFitIntoMemory() throws Exception {
    TableName table = TableName.of("t");
    try (TestDatabase source = PostgresServer.shared().freshDatabase();
        TestDatabase target = PostgresServer.shared().freshDatabase();
        Connection from = source.connect();
        Connection to = target.connect()) {
      source.execute("create table t as select generate_series(1, 10000) i");
      target.execute("create table t (i int)");
      Connection failing = withoutMemoryForRows(from);
      assertTimeoutPreemptively(
          Duration.ofMinutes(1),
          () ->
              assertThatThrownBy(
                      () -> Transaction.in(to, () -> TableContent.copyIfEmpty(failing, to, table)))
                  .isInstanceOf(OutOfMemoryError.class));
      assertThat(from.isClosed()).isTrue();
      assertThat(to.isClosed()).isTrue();
      try (Connection again = source.connect();
          Connection other = target.connect()) {
        assertThat(Transaction.in(other, () -> TableContent.copyIfEmpty(again, other, table)))
            .isTrue();
      }
    }
  }

  private static Connection withoutMemoryForRows(Connection connection) throws SQLException {
    CopyManager copies =
        new CopyManager(connection.unwrap(BaseConnection.class)) {
          @Override
          public CopyOut copyOut(String sql) throws SQLException {
            CopyOut begun = super.copyOut(sql);
            assertThat(begun.isActive()).isTrue();
            return proxy(
                CopyOut.class,
                method -> {
                  throw new OutOfMemoryError("as for a row that is too large");
                });
          }
        };
    PGConnection driver = proxy(PGConnection.class, method -> copies);
    return (Connection)
        Proxy.newProxyInstance(
            TableContentIT.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) ->
                method.getName().equals("unwrap") ? driver : method.invoke(connection, arguments));
  }

  private interface Answer {
    Object to(String method);
  }

  private static <T> T proxy(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            TableContentIT.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answer.to(method.getName())));
  }
}

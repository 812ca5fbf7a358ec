package dev.shardwright.rebalance.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.shardwright.rebalance.internal.Intercepted;
import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.database.MoverTransaction;
import dev.shardwright.rebalance.internal.table.MovingTable;
import dev.shardwright.ring.KeyRangeSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.BaseConnection;

class CopyPipeIT {
  /** A rollback would wait for the copy, and the rest of the copy for memory. */
  @Test
  void endsBothSessionsWhereARowDoesNotFitIntoMemory() throws Exception {
    try (TwoShards shards =
            TwoShards.withTable(KeyRangeSet.ALL, "create table t (k bigint primary key)");
        Connection from = shards.from();
        Connection to = shards.to()) {
      shards.source().execute("insert into t select generate_series(1, 10000)");
      MovingTable table = shards.table();
      Connection failing = failingAtTheSecondRow(from);
      assertTimeoutPreemptively(
          Duration.ofMinutes(1),
          () ->
              assertThatThrownBy(
                      () ->
                          MoverTransaction.in(
                              to, TwoShards.MOVER, () -> CopyPipe.copy(failing, to, table, "true")))
                  .isInstanceOf(OutOfMemoryError.class));
      assertThat(from.isClosed()).isTrue();
      assertThat(to.isClosed()).isTrue();
      shards.copy().run();
      assertThat(shards.moving(shards.target())).hasSize(10_000);
    }
  }

  private static Connection failingAtTheSecondRow(Connection connection) throws SQLException {
    BaseConnection real = connection.unwrap(BaseConnection.class);
    CopyManager copies =
        new CopyManager(real) {
          @Override
          public CopyOut copyOut(String sql) throws SQLException {
            return failingAtTheSecondRow(super.copyOut(sql));
          }
        };
    return Intercepted.proxy(
        Connection.class,
        (method, arguments) ->
            method.getName().equals("unwrap")
                ? Intercepted.proxy(PGConnection.class, (asked, unused) -> copies)
                : Intercepted.invoke(connection, method, arguments));
  }

  private static CopyOut failingAtTheSecondRow(CopyOut copy) {
    AtomicInteger rows = new AtomicInteger();
    return Intercepted.proxy(
        CopyOut.class,
        (method, arguments) -> {
          if (method.getName().equals("readFromCopy") && rows.incrementAndGet() == 2) {
            throw new OutOfMemoryError("as for a row that is too large");
          }
          return Intercepted.invoke(copy, method, arguments);
        });
  }
}

package dev.shardwright.internal.schema;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class TransactionTest {
  @Test
  void saysWhyTheWorkFailedEvenIfTheRollbackFailsToo() {
    SQLException work = new SQLException("the work failed");
    SQLException rollback = new SQLException("the rollback failed");
    assertThatThrownBy(
            () ->
                Transaction.run(
                    failingToRollBack(rollback),
                    () -> {
                      throw work;
                    }))
        .isSameAs(work)
        .hasSuppressedException(rollback);
  }

  private static Connection failingToRollBack(SQLException failure) {
    return (Connection)
        Proxy.newProxyInstance(
            TransactionTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "rollback" -> throw failure;
                  case "isClosed" -> false;
                  case "setTransactionIsolation", "setAutoCommit" -> null;
                  default -> throw new IllegalStateException("not expected: " + method);
                });
  }
}

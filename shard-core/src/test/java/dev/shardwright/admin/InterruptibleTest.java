package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InterruptibleTest {
  @Test
  void staysInterruptedWhenTheStatementCannotBeCancelled() {
    SQLException unreachable = new SQLException("cannot be cancelled");
    Connection connection =
        (Connection)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                  throw unreachable;
                });
    CompletableFuture<Boolean> statement = new CompletableFuture<>();
    try {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> Interruptible.run(connection, session -> statement.join()))
          .isInstanceOf(ChangeFailed.class)
          .hasMessage("interrupted")
          .satisfies(e -> assertThat(e.getCause()).hasSuppressedException(unreachable));
    } finally {
      statement.complete(true);
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}

package dev.shardwright.router;

import dev.shardwright.router.internal.loan.AbortedTransaction;
import dev.shardwright.router.internal.pool.BrokenOff;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Admitted;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.rows.OfConnection;
import dev.shardwright.router.internal.sql.TransactionEnds;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pooled connection in the hands of a caller. Passes everything on, except what would take the
 * connection, or its transaction, out of the router's hands. As thread-safe as the connection.
 */
final class LentConnection implements InvocationHandler {
  private static final Set<String> ENDS_TRANSACTION =
      Set.of("commit", "setAutoCommit", "setTransactionIsolation", "abort");

  /** Invalid transaction state. */
  private static final String REFUSED_STATE = "25000";

  /** The connection does not exist. */
  private static final String CLOSED_STATE = "08003";

  private final Connection pooled;
  private final Mode mode;
  private final Admitted admitted = new Admitted();
  private volatile boolean ended;
  private volatile boolean unwrapped;

  private LentConnection(Connection pooled, Mode mode) {
    this.pooled = pooled;
    this.mode = mode;
  }

  /** What happens when the caller closes it, and what the caller may do before. */
  private sealed interface Mode {}

  /** The router commits or rolls back, and takes the connection back. */
  private record Transaction() implements Mode {}

  /** The caller does what it likes, and gives the connection back by closing it. */
  private record UntilClosed(EndpointPool pool) implements Mode {}

  /** A connection for the body of a transaction: it cannot end the transaction. */
  static LentConnection inTransaction(Connection pooled) {
    return new LentConnection(pooled, new Transaction());
  }

  /** A connection that goes back to the pool when it is closed, by whomever. */
  static LentConnection untilClosed(Connection pooled, EndpointPool pool) {
    return new LentConnection(pooled, new UntilClosed(pool));
  }

  /** Takes over a stay that has begun; it ends when the connection is closed. */
  void keep(Stay stay) {
    admitted.add(stay);
  }

  Connection asConnection() {
    return (Connection)
        Proxy.newProxyInstance(
            LentConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
  }

  /** From here on, the caller's reference is closed. */
  void end() {
    ended = true;
  }

  /**
   * Whether the caller has asked for the driver's own connection. Nobody can tell then what is left
   * on it: settings of the driver, or a COPY that is under way, for whose end every call waits.
   */
  boolean isUnwrapped() {
    return unwrapped;
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    return switch (method.getName()) {
      case "equals" -> args != null && proxy == args[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "LentConnection[" + pooled + "]";
      case "isClosed" -> ended || pooled.isClosed();
      case "close" -> close();
      default -> OfConnection.of(passOn(method, args), (Connection) proxy, this::checkText);
    };
  }

  private @Nullable Object passOn(Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    if (ended && method.getName().equals("abort")) {
      return null;
    }
    if (ended && !method.getName().equals("isValid")) {
      throw new SQLException("this connection is closed", CLOSED_STATE);
    }
    if (mode instanceof Transaction && endsTransaction(method)) {
      throw new SQLException(
          "%s is not for the body of a transaction: return to commit, throw to roll back"
              .formatted(method.getName()),
          REFUSED_STATE);
    }
    if (args != null
        && args.length > 0
        && args[0] instanceof String sql
        && method.getName().startsWith("prepare")) {
      checkText(sql);
    }
    unwrapped |= method.getName().equals("unwrap");
    if (isCommit(method, args)) {
      AbortedTransaction.check(pooled);
    }
    try {
      Object result = method.invoke(pooled, args);
      if (method.getName().equals("abort")) {
        aborted();
      }
      return result;
    } catch (InvocationTargetException e) {
      if (e.getTargetException() instanceof Error broken) {
        BrokenOff.close(() -> pooled, broken);
      }
      throw e.getTargetException();
    }
  }

  /** It is closed, or about to be: nobody has to do that to have its place in the pool free. */
  private synchronized void aborted() {
    if (ended || !(mode instanceof UntilClosed lent)) {
      return;
    }
    ended = true;
    try {
      lent.pool().discard(pooled);
    } finally {
      admitted.end();
    }
  }

  /**
   * What was committed behind the router's back would stay, and be done twice, where it retries.
   */
  private void checkText(String sql) throws SQLException {
    if (mode instanceof Transaction && TransactionEnds.areIn(sql)) {
      throw new SQLException(
          "a text that ends the transaction is not for its body: return to commit, throw to roll"
              + " back",
          REFUSED_STATE);
    }
  }

  private static boolean endsTransaction(Method method) {
    return ENDS_TRANSACTION.contains(method.getName())
        || (method.getName().equals("rollback") && method.getParameterCount() == 0);
  }

  private boolean isCommit(Method method, @Nullable Object @Nullable [] args) throws SQLException {
    boolean turnsAutocommitOn =
        method.getName().equals("setAutoCommit")
            && args != null
            && Boolean.TRUE.equals(args[0])
            && !pooled.getAutoCommit();
    return turnsAutocommitOn || method.getName().equals("commit");
  }

  private synchronized @Nullable Object close() {
    if (ended || !(mode instanceof UntilClosed lent)) {
      // Frameworks close what they are given; the router closes the transaction's connection.
      return null;
    }
    ended = true;
    try {
      if (unwrapped) {
        lent.pool().discard(pooled);
      } else {
        lent.pool().giveBackSession(pooled);
      }
    } finally {
      admitted.end();
    }
    return null;
  }
}

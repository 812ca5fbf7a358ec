package dev.shardwright.router.internal.rows;

import dev.shardwright.router.internal.pool.BrokenOff;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A statement, or the metadata, of a connection that was lent: to whoever asks, it is of the very
 * connection that the borrower was given, and not of the pool's behind it, which the borrower must
 * not end. As thread-safe as what it stands before.
 */
public final class OfConnection implements InvocationHandler {
  /** The connection does not exist. */
  private static final String CLOSED_STATE = "08003";

  private final Object behind;
  private final Connection lent;
  private final Texts texts;

  /** Looks at the texts that are to be carried out. */
  @FunctionalInterface
  public interface Texts {
    /**
     * Looks at one.
     *
     * @throws SQLException if it is not to be carried out
     */
    void check(String sql) throws SQLException;
  }

  private OfConnection(Object behind, Connection lent, Texts texts) {
    this.behind = behind;
    this.lent = lent;
    this.texts = texts;
  }

  /**
   * What a method of the connection gave, for the borrower.
   *
   * @param answer anything; what says of no connection that it is of it comes back as it is
   * @param lent what the borrower was given
   */
  public static @Nullable Object of(@Nullable Object answer, Connection lent) {
    return of(answer, lent, sql -> {});
  }

  /**
   * The same.
   *
   * @param texts looks at what statements are given to carry out
   */
  public static @Nullable Object of(@Nullable Object answer, Connection lent, Texts texts) {
    if (answer instanceof CallableStatement) {
      return of(answer, CallableStatement.class, lent, texts);
    }
    if (answer instanceof PreparedStatement) {
      return of(answer, PreparedStatement.class, lent, texts);
    }
    if (answer instanceof Statement) {
      return of(answer, Statement.class, lent, texts);
    }
    return answer instanceof DatabaseMetaData
        ? of(answer, DatabaseMetaData.class, lent, texts)
        : answer;
  }

  private static Object of(Object answer, Class<?> type, Connection lent, Texts texts) {
    Object behind =
        Proxy.isProxyClass(answer.getClass())
                && Proxy.getInvocationHandler(answer) instanceof OfConnection before
            ? before.behind
            : answer;
    return Proxy.newProxyInstance(
        OfConnection.class.getClassLoader(),
        new Class<?>[] {type},
        new OfConnection(behind, lent, texts));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    return switch (method.getName()) {
      case "equals" -> args != null && proxy == args[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> behind.toString();
      case "getConnection" -> {
        passOn(method, args); // refused when closed
        yield lent;
      }
      case "unwrap" -> unwrapped(proxy, method, args);
      default -> {
        if (args != null
            && args.length > 0
            && args[0] instanceof String sql
            && carriesOut(method)) {
          texts.check(sql);
        }
        checkNotEnded();
        Object answer = passOn(method, args);
        yield answer instanceof ResultSet rows ? rows(rows, proxy) : answer;
      }
    };
  }

  /** Metadata know the driver's connection, which may be somebody else's by then. */
  private void checkNotEnded() throws SQLException {
    if (behind instanceof DatabaseMetaData && lent.isClosed()) {
      throw new SQLException("this connection is closed", CLOSED_STATE);
    }
  }

  private static boolean carriesOut(Method method) {
    return method.getName().startsWith("execute") || method.getName().equals("addBatch");
  }

  private @Nullable Object passOn(Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    try {
      return method.invoke(behind, args);
    } catch (InvocationTargetException e) {
      if (e.getTargetException() instanceof Error broken) {
        BrokenOff.close(this::connection, broken);
      }
      throw e.getTargetException();
    }
  }

  private Connection connection() throws SQLException {
    return behind instanceof Statement statement
        ? statement.getConnection()
        : ((DatabaseMetaData) behind).getConnection();
  }

  private @Nullable Object unwrapped(
      Object proxy, Method method, @Nullable Object @Nullable [] args) throws Throwable {
    return args != null && args[0] instanceof Class<?> type && type.isInstance(proxy)
        ? proxy
        : passOn(method, args);
  }

  private ResultSet rows(ResultSet rows, Object proxy) {
    return new Rows(rows, proxy instanceof Statement statement ? statement : null, lent);
  }

  /** Its rows. */
  private static final class Rows extends ForwardingResultSet {
    private final ResultSet rows;
    private final @Nullable Statement statement;
    private final Connection lent;

    /**
     * @param statement what gave them; null if that is a statement of the driver's own
     */
    Rows(ResultSet rows, @Nullable Statement statement, Connection lent) {
      this.rows = rows;
      this.statement = statement;
      this.lent = lent;
    }

    @Override
    protected ResultSet rows() {
      return rows;
    }

    @Override
    public boolean next() throws SQLException {
      try {
        return rows.next();
      } catch (Error e) {
        BrokenOff.close(() -> rows.getStatement().getConnection(), e);
        throw e;
      }
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
      Statement behind = rows.getStatement(); // refused when closed
      return statement == null ? (Statement) of(behind, lent) : statement;
    }
  }
}

package dev.shardwright.rebalance.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Connections with which something happens, or goes wrong, at a moment that a test chooses. */
public final class Intercepted {
  private Intercepted() {}

  /** What happens before a method of that name is called. */
  @FunctionalInterface
  public interface Call {
    void before(String method) throws SQLException;
  }

  /** What happens before a query is sent. */
  @FunctionalInterface
  public interface Query {
    void before(String sql) throws SQLException;
  }

  /** The connection, with something that happens before each of its methods is called. */
  public static Connection calls(Connection connection, Call call) {
    return proxy(
        Connection.class,
        (method, arguments) -> {
          call.before(method.getName());
          return invoke(connection, method, arguments);
        });
  }

  /** The connection, with something that happens before its statements send a query. */
  public static Connection queries(Connection connection, Query query) {
    return proxy(
        Connection.class,
        (method, arguments) -> {
          Object result = invoke(connection, method, arguments);
          return method.getName().equals("createStatement")
              ? statement((Statement) result, query)
              : result;
        });
  }

  private static Statement statement(Statement statement, Query query) {
    return proxy(
        Statement.class,
        (method, arguments) -> {
          if (method.getName().equals("executeQuery")) {
            query.before((String) arguments[0]);
          }
          return invoke(statement, method, arguments);
        });
  }

  /** What answers the call of a method. */
  @FunctionalInterface
  public interface Answer {
    Object to(Method method, Object[] arguments) throws Throwable;
  }

  /** An object of that type all of whose methods are answered so. */
  public static <T> T proxy(Class<T> type, Answer answer) {
    InvocationHandler handler = (proxy, method, arguments) -> answer.to(method, arguments);
    return type.cast(
        Proxy.newProxyInstance(Intercepted.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Calls the method and throws what it throws. */
  public static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}

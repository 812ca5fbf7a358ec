package dev.shardwright.router.internal.jdbc.connection;

import com.google.common.base.Throwables;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.rows.CatalogRows;
import dev.shardwright.router.internal.jdbc.rows.TypeNames;
import dev.shardwright.router.internal.rows.OutlivingRows;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * What is known of the database: what one of the shards says of itself, since all have the same
 * tables, but for the names of the driver. To those who ask for the product it is PostgreSQL, so
 * that frameworks speak its dialect. As thread-safe as the connection.
 */
final class ClusterMetaData implements InvocationHandler {
  private final ShardConnection connection;
  private final String url;

  private ClusterMetaData(ShardConnection connection, String url) {
    this.connection = connection;
    this.url = url;
  }

  static DatabaseMetaData of(ShardConnection connection, String url) {
    return (DatabaseMetaData)
        Proxy.newProxyInstance(
            ClusterMetaData.class.getClassLoader(),
            new Class<?>[] {DatabaseMetaData.class},
            new ClusterMetaData(connection, url));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    return switch (method.getName()) {
      case "equals" -> args != null && proxy == args[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "ClusterMetaData[" + url + "]";
      case "getConnection" -> connection;
      case "getURL" -> url;
      case "getDriverName" -> ProductVersion.NAME;
      case "getDriverVersion" -> ProductVersion.TEXT;
      case "getDriverMajorVersion" -> ProductVersion.MAJOR;
      case "getDriverMinorVersion" -> ProductVersion.MINOR;
      case "supportsSharding" -> true;
      case "supportsStoredProcedures",
          "supportsStoredFunctionsUsingCallSyntax",
          "supportsMultipleResultSets",
          "supportsMultipleOpenResults" ->
          false;
      case "isWrapperFor" -> args != null && ((Class<?>) args[0]).isInstance(proxy);
      case "unwrap" -> unwrapped(proxy, args);
      default -> answer(method, args);
    };
  }

  private @Nullable Object answer(Method method, @Nullable Object @Nullable [] args)
      throws SQLException {
    Object answer = connection.onAnyShard(driver -> detached(driver, method, args)).orElse(null);
    return answer instanceof ResultSet rows
        ? new CatalogRows(
            rows,
            new TypeNames(() -> connection.onAnyShard(driver -> typeNames(driver, method, args))))
        : answer;
  }

  private static Object unwrapped(Object proxy, @Nullable Object @Nullable [] args)
      throws SQLException {
    if (args != null && args[0] instanceof Class<?> type && type.isInstance(proxy)) {
      return proxy;
    }
    throw SqlFailures.notSupported("the metadata wraps nothing");
  }

  private static Optional<Object> detached(
      PgConnection driver, Method method, @Nullable Object @Nullable [] args) throws SQLException {
    Object answer = ask(driver, method, args);
    if (answer instanceof ResultSet rows) {
      Statement statement = rows.getStatement();
      if (statement != null) {
        OutlivingRows.detach(statement, rows);
      }
    }
    return Optional.ofNullable(answer);
  }

  private static String[] typeNames(
      PgConnection driver, Method method, @Nullable Object @Nullable [] args) throws SQLException {
    if (!(ask(driver, method, args) instanceof ResultSet rows)) {
      throw new IllegalStateException(method + " gives rows");
    }
    Statement statement = rows.getStatement();
    if (statement != null) {
      statement.closeOnCompletion();
    }
    try (rows) {
      return TypeNames.read(rows.getMetaData());
    }
  }

  private static @Nullable Object ask(
      PgConnection driver, Method method, @Nullable Object @Nullable [] args) throws SQLException {
    try {
      return method.invoke(driver.getMetaData(), args);
    } catch (InvocationTargetException e) {
      if (e.getTargetException() instanceof SQLException failure) {
        throw failure;
      }
      Throwables.throwIfUnchecked(e.getTargetException());
      throw new IllegalStateException(e.getTargetException());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}

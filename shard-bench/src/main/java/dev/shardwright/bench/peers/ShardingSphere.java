package dev.shardwright.bench.peers;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * The peer: Apache ShardingSphere-JDBC, by itself in a class loader that sees the JDK, its own
 * libraries, and the same HikariCP and pgjdbc as the others. It is set up as one who wants speed
 * would: its caches of parsed SQL, connections enough to work on all shards at once, no SQL log,
 * and the same table name on all shards, so that it need not write the statements anew. (Its other
 * algorithm for remainders wants tables with numbers in their names, and allocated more.)
 */
final class ShardingSphere implements AutoCloseable {
  private static final String FACTORY =
      "org.apache.shardingsphere.driver.api.yaml.YamlShardingSphereDataSourceFactory";

  private final URLClassLoader loader;
  private final DataSource dataSource;

  private ShardingSphere(URLClassLoader loader, DataSource dataSource) {
    this.loader = loader;
    this.dataSource = dataSource;
  }

  /**
   * Starts it.
   *
   * @param jars its libraries, and the drivers
   */
  static ShardingSphere start(
      List<Path> jars, List<String> urls, String user, String password, int connections)
      throws Exception {
    List<URL> locations = new ArrayList<>();
    for (Path jar : jars) {
      locations.add(jar.toUri().toURL());
    }
    URLClassLoader loader =
        new URLClassLoader(
            "shardingsphere", locations.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    return new ShardingSphere(
        loader, within(loader, () -> dataSource(loader, yaml(urls, user, password, connections))));
  }

  /** The data source that it makes of its configuration, with the classes of that loader. */
  static DataSource dataSource(ClassLoader loader, String yaml) throws Exception {
    try {
      return (DataSource)
          Class.forName(FACTORY, true, loader)
              .getMethod("createDataSource", byte[].class)
              .invoke(null, (Object) yaml.getBytes(StandardCharsets.UTF_8));
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** One database for each URL; a row is in that of the remainder of its key. */
  static String yaml(List<String> urls, String user, String password, int connections) {
    String dataSources =
        IntStream.range(0, urls.size())
            .mapToObj(i -> dataSource(i, urls.get(i), user, password, connections))
            .collect(Collectors.joining());
    return """
        dataSources:
        %srules:
        - !SHARDING
          tables:
            %s:
              actualDataNodes: s${0..%d}.%s
              databaseStrategy:
                standard:
                  shardingColumn: account_id
                  shardingAlgorithmName: remainder
          shardingAlgorithms:
            remainder:
              type: INLINE
              props:
                algorithm-expression: s${account_id %% %d}
        - !SQL_PARSER
          sqlStatementCache:
            initialCapacity: 2000
            maximumSize: 65535
          parseTreeCache:
            initialCapacity: 128
            maximumSize: 1024
        props:
          sql-show: false
          max-connections-size-per-query: %d
        """
        .formatted(
            dataSources,
            Tables.BY_REMAINDER,
            urls.size() - 1,
            Tables.BY_REMAINDER,
            urls.size(),
            connections);
  }

  private static String dataSource(
      int index, String url, String user, String password, int connections) {
    return """
          s%d:
            dataSourceClassName: com.zaxxer.hikari.HikariDataSource
            driverClassName: org.postgresql.Driver
            jdbcUrl: "%s"
            username: "%s"
            password: "%s"
            maximumPoolSize: %d
            minimumIdle: 0
        """
        .formatted(index, url, user, password, connections);
  }

  DataSource dataSource() {
    return dataSource;
  }

  /** Does what the peer's code does: it looks for its parts by the thread's class loader. */
  <T> T within(Callable<T> action) throws Exception {
    return within(loader, action);
  }

  private static <T> T within(ClassLoader loader, Callable<T> action) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      return action.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Override
  public void close() throws IOException {
    try (loader) {
      ((AutoCloseable) dataSource).close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the peer did not close", e);
    }
  }
}

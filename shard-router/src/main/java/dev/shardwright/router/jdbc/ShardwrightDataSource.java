package dev.shardwright.router.jdbc;

import dev.shardwright.ShardException;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.ShardingKey;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DataSource} for a {@code jdbc:shardwright:} URL. Holds no connection itself and needs no
 * pool around it: its connections take those of the shards' pools while a statement or a
 * transaction runs. Shares its router with all others of the same URL and properties. Immutable and
 * thread-safe.
 */
public final class ShardwrightDataSource extends ShardingDataSource {
  private static final Duration IDLE = Duration.ofSeconds(60);

  private static final Sharing<ConnectionUrl, ShardRouter> ROUTERS =
      new Sharing<>(
          url ->
              ShardRouter.connect(url.zookeeper(), url.cluster(), url.settings().routerOptions()),
          ShardRouter::close,
          IDLE,
          ShardwrightDataSource::later,
          System::nanoTime);

  private final ConnectionUrl url;

  /**
   * For a URL that says all.
   *
   * @throws SQLException if it is not well-formed, or null
   */
  public ShardwrightDataSource(@Nullable String url) throws SQLException {
    this(url, new Properties());
  }

  /**
   * For a URL and properties beside it.
   *
   * @throws SQLException if the URL is not well-formed, or null, or a property is unknown or has a
   *     value that cannot be
   */
  public ShardwrightDataSource(@Nullable String url, Properties properties) throws SQLException {
    this.url = ConnectionUrl.parse(url, properties);
  }

  private ShardwrightDataSource(ConnectionUrl url) {
    this.url = url;
  }

  /**
   * A connection that goes to the shards that its statements are about. Connects to ZooKeeper if it
   * is the first of its URL; to no shard.
   */
  @Override
  public Connection getConnection() throws SQLException {
    return open((source, onClose) -> source.connection(url.settings(), url.toString(), onClose));
  }

  @Override
  Connection getConnection(ShardingKey key, @Nullable ShardingKey region) throws SQLException {
    return open((source, onClose) -> source.connection(key, region, url.settings(), onClose));
  }

  @Override
  ShardingDataSource as(String user, @Nullable String password) {
    return new ShardwrightDataSource(url.as(user, password));
  }

  /** Opens a connection of a router, which is told when it is closed. */
  @FunctionalInterface
  private interface Opening {
    Connection of(RouterDataSource source, Runnable onClose) throws SQLException;
  }

  private Connection open(Opening opening) throws SQLException {
    Sharing.Use<ShardRouter> use = use();
    try {
      return opening.of((RouterDataSource) use.thing().dataSource(), use::end);
    } catch (SQLException | RuntimeException e) {
      use.end();
      throw e;
    }
  }

  private Sharing.Use<ShardRouter> use() throws SQLException {
    try {
      return ROUTERS.use(url);
    } catch (ShardException e) {
      throw SqlFailures.of(e);
    }
  }

  private static void later(Duration delay, Runnable task) {
    CompletableFuture.delayedExecutor(
            delay.toMillis(),
            TimeUnit.MILLISECONDS,
            due -> {
              Thread thread = new Thread(due, "shardwright-close-unused");
              thread.setDaemon(true);
              thread.start();
            })
        .execute(task);
  }
}

package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.FanOutByHand;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.jdbc.ShardwrightDataSource;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * A service that sets itself up, prints one account's owner, and is gone. Each contender has a main
 * class of its own, which needs no libraries but its own.
 *
 * <p>Arguments: the user; the key; where to connect. The password is in {@code
 * SHARDWRIGHT_PASSWORD}, where Shardwright looks for it by itself.
 */
final class FirstRow {
  static final String PASSWORD = "SHARDWRIGHT_PASSWORD";
  static final int CONNECTIONS = 10;

  private FirstRow() {}

  private static String password() {
    return Optional.ofNullable(System.getenv(PASSWORD)).orElseThrow();
  }

  private static List<String> urls(String[] arguments) {
    return List.of(arguments).subList(2, arguments.length);
  }

  private static Account anyAccount() {
    return new Account(0, "", BigDecimal.ZERO);
  }

  private static void say(String owner) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(owner);
    Runtime.getRuntime().halt(0);
  }

  /** By hand. */
  static final class ByHandMain {
    private ByHandMain() {}

    public static void main(String[] arguments) throws Exception {
      List<String> urls = urls(arguments);
      FanOutByHand pools = new FanOutByHand(urls, arguments[0], password(), CONNECTIONS);
      Bank bank = new ByHand(pools, urls.size(), Tables.BY_REMAINDER, anyAccount());
      say(bank.owner(Long.parseLong(arguments[1])));
    }
  }

  /** Shardwright's own calls; it connects to ZooKeeper. */
  static final class ShardwrightMain {
    private ShardwrightMain() {}

    public static void main(String[] arguments) throws Exception {
      long key = Long.parseLong(arguments[1]);
      ShardRouter router = ShardRouter.connect(arguments[2], arguments[3], RouterOptions.DEFAULTS);
      say(
          router
              .keyspace(arguments[4])
              .on(key)
              .queryOne(Statements.on(Tables.BY_RING).owner(), row -> row.getString(1), key)
              .orElseThrow());
    }
  }

  /** Shardwright's JDBC driver, by nothing but a URL. */
  static final class JdbcMain {
    private JdbcMain() {}

    public static void main(String[] arguments) throws Exception {
      DataSource dataSource =
          new ShardwrightDataSource(
              "jdbc:shardwright://%s/%s?user=%s&password=%s"
                  .formatted(arguments[2], arguments[3], arguments[0], password()));
      Bank bank = new OverJdbc(dataSource, Tables.BY_RING, anyAccount());
      say(bank.owner(Long.parseLong(arguments[1])));
    }
  }

  /** The peer. */
  static final class ShardingSphereMain {
    private ShardingSphereMain() {}

    public static void main(String[] arguments) throws Exception {
      DataSource dataSource =
          ShardingSphere.dataSource(
              FirstRow.class.getClassLoader(),
              ShardingSphere.yaml(urls(arguments), arguments[0], password(), CONNECTIONS));
      Bank bank = new OverJdbc(dataSource, Tables.BY_REMAINDER, anyAccount());
      say(bank.owner(Long.parseLong(arguments[1])));
    }
  }
}

package dev.shardwright.bench.moves;

import dev.shardwright.router.OneShard;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.router.Timeouts;
import dev.shardwright.testkit.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A service that is a process of its own, with a router: does with one account what it is told, and
 * says what came of it. So it can be stopped at any point of its work.
 */
final class ServiceProcess implements AutoCloseable {
  private static final List<String> OPTIONS =
      List.of(
          "-Xmx128m",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
          "-Dorg.slf4j.simpleLogger.showDateTime=true");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How long its work may take, with the time for which it is stopped. */
  private static final Duration WORK = Duration.ofMinutes(4);

  private static final String GO_ON = "";

  private final ChildJvm jvm;
  private final int router;

  /** What it can be told to do. */
  enum Work {
    /** Reads the account's version. */
    READ,
    /** Counts the account's version up. */
    WRITE,
    /** The same; says "waits" meanwhile, once it does so because rows are held. */
    WRITE_HELD,
    /** Reads it in a transaction, which is routed and then waits to be told to go on. */
    ROUTE_AND_READ,
    /** Counts it up likewise. */
    ROUTE_AND_WRITE,
    /** Adds a third purse in a transaction, likewise. */
    ROUTE_AND_INSERT,
    /** Counts up in a JDBC transaction that stays open. */
    OPEN,
    /** Commits that. */
    COMMIT
  }

  private ServiceProcess(ChildJvm jvm) {
    this.jvm = jvm;
    this.router = Integer.parseInt(jvm.hear(PATIENCE));
  }

  static ServiceProcess start(ServedCluster cluster, String zooKeeper) {
    return new ServiceProcess(
        ChildJvm.start(
            OPTIONS,
            ServiceProcess.class,
            zooKeeper,
            cluster.name,
            PostgresAccess.user(),
            PostgresAccess.password()));
  }

  /** The number of its router. */
  int router() {
    return router;
  }

  /** Tells it to do something; what comes of it is to be heard. */
  void begin(Work work, long account) {
    jvm.tell(work + " " + account);
  }

  /** Lets routed work go on. */
  void goOn() {
    jvm.tell(GO_ON);
  }

  /** What came of it. */
  String outcome() {
    return jvm.hear(PATIENCE);
  }

  String does(Work work, long account) {
    begin(work, account);
    return outcome();
  }

  void freeze() {
    jvm.freeze();
  }

  void thaw() {
    jvm.thaw();
  }

  @Override
  public void close() {
    jvm.close();
  }

  public static void main(String[] arguments) throws IOException {
    try (ShardRouter router =
        ShardRouter.connect(
            arguments[0],
            arguments[1],
            RouterOptions.DEFAULTS
                .withCredentials(PostgresAccess.of(arguments[2], arguments[3]))
                .withZooKeeper(ServedCluster.ZOOKEEPER)
                .withTimeouts(Timeouts.DEFAULTS.withStatement(WORK)))) {
      say(router.health().router());
      new Service(router).obey();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void say(Object what) {
    System.out.println(what);
  }

  /** The inside of the process. */
  private static final class Service {
    private final ShardRouter router;
    private final BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private @Nullable Connection open;

    Service(ShardRouter router) {
      this.router = router;
    }

    void obey() throws IOException {
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        String[] words = order.split(" ", 2);
        try {
          say("done " + carryOut(Work.valueOf(words[0]), Long.parseLong(words[1])));
        } catch (SQLException | RuntimeException e) {
          String state = e instanceof SQLException sql ? sql.getSQLState() : "";
          say(
              String.format(
                  Locale.ROOT, "failed %s %s %s", e.getClass().getSimpleName(), state, oneLine(e)));
        }
      }
    }

    private long carryOut(Work work, long account) throws SQLException {
      OneShard on = router.keyspace(ServedCluster.KEYSPACE).on(account);
      boolean[] waited = new boolean[1];
      return switch (work) {
        case READ -> on.inTransaction(connection -> read(connection, account));
        case WRITE -> on.update(ServedCluster.COUNT_UP, account);
        case WRITE_HELD -> {
          Thread looking = sayOnceWaiting(Thread.currentThread());
          try {
            yield on.update(ServedCluster.COUNT_UP, account);
          } finally {
            end(looking);
          }
        }
        case ROUTE_AND_READ ->
            on.inTransaction(
                connection -> {
                  awaitGoOn(waited);
                  return read(connection, account);
                });
        case ROUTE_AND_WRITE ->
            on.inTransaction(
                connection -> {
                  awaitGoOn(waited);
                  return write(connection, account);
                });
        case ROUTE_AND_INSERT ->
            on.inTransaction(
                connection -> {
                  awaitGoOn(waited);
                  return insert(connection, account);
                });
        case OPEN -> open(account);
        case COMMIT -> commit();
      };
    }

    private static Thread sayOnceWaiting(Thread working) {
      Thread looking =
          new Thread(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  if (Arrays.stream(working.getStackTrace())
                      .anyMatch(frame -> frame.getMethodName().equals("awaitOther"))) {
                    say("waits");
                    return;
                  }
                  Thread.onSpinWait();
                }
              });
      looking.start();
      return looking;
    }

    private static void end(Thread looking) {
      looking.interrupt();
      try {
        looking.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** The first time; it may be done again. */
    private void awaitGoOn(boolean[] waited) {
      if (!waited[0]) {
        waited[0] = true;
        say("routed");
        try {
          orders.readLine();
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    }

    private long open(long account) throws SQLException {
      Connection connection = router.dataSource().getConnection();
      connection.setAutoCommit(false);
      open = connection;
      return write(connection, account);
    }

    private long commit() throws SQLException {
      try (Connection connection = open) {
        if (connection == null) {
          throw new IllegalStateException("nothing is open");
        }
        connection.commit();
        return 1;
      }
    }

    private static long write(Connection connection, long account) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(ServedCluster.COUNT_UP)) {
        statement.setLong(1, account);
        return statement.executeUpdate();
      }
    }

    private static long insert(Connection connection, long account) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("insert into purse values (?, 3, 0)")) {
        statement.setLong(1, account);
        return statement.executeUpdate();
      }
    }

    private static long read(Connection connection, long account) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("select version from account where id = ?")) {
        statement.setLong(1, account);
        try (ResultSet rows = statement.executeQuery()) {
          return rows.next() ? rows.getLong(1) : -1;
        }
      }
    }

    private static String oneLine(Exception e) {
      return String.valueOf(e.getMessage()).replace('\n', ' ');
    }
  }
}

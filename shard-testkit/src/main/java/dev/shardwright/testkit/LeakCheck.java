package dev.shardwright.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Finds what a piece of code has left behind in this JVM and on its servers: threads, listening
 * sockets, and connections to PostgreSQL. What was there at {@link #begin} is no leak, nor what
 * goes away by itself while it is waited for, nor the testkit's shared servers.
 *
 * <p>It sees the whole JVM: use it where no other test runs at the same time. Not thread-safe.
 */
public final class LeakCheck {
  /** How long to wait for what is about to end. */
  public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(5);

  private static final Duration POLL = Duration.ofMillis(50);

  // Made by libraries once for the whole JVM, which nobody can end.
  private static final List<String> LIVING_AS_LONG_AS_THE_JVM =
      List.of(
          "ForkJoinPool.commonPool-",
          "PostgreSQL-JDBC-Cleaner",
          "testcontainers-",
          "ducttape-",
          "docker-java-",
          "JNA Cleaner",
          "junit-");

  private final Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
  private final Set<Integer> portsBefore = ListeningPorts.ofThisProcess();
  private final Set<ServerConnection> connectionsBefore = new HashSet<>();
  private final List<PostgresServer> servers;
  private final List<String> ignoredThreads = new ArrayList<>(LIVING_AS_LONG_AS_THE_JVM);

  private Duration patience = DEFAULT_PATIENCE;

  private LeakCheck(List<PostgresServer> servers) {
    this.servers = servers;
    watched().forEach(server -> connectionsBefore.addAll(ServerConnection.of(server)));
  }

  /**
   * Remembers what is there now.
   *
   * @param servers where to look for connections, besides the shared server
   */
  public static LeakCheck begin(PostgresServer... servers) {
    return new LeakCheck(List.of(servers));
  }

  /** Takes threads whose names begin like this for no leak. */
  public LeakCheck ignoringThreads(String prefix) {
    ignoredThreads.add(prefix);
    return this;
  }

  /** Waits this long for what is about to end, instead of five seconds. */
  public LeakCheck withPatience(Duration duration) {
    patience = duration;
    return this;
  }

  /**
   * Waits until nothing is left behind, five seconds at the most, or as {@link #withPatience} says.
   *
   * @throws AssertionError naming each leak, threads with their stack traces
   */
  public void check() {
    failIfLasting(
        patience,
        () -> {
          List<String> leaks = new ArrayList<>(threads());
          leaks.addAll(ports());
          for (PostgresServer server : watched()) {
            leaks.addAll(connections(server));
          }
          return leaks;
        });
  }

  /**
   * Waits until nobody is connected to a server, five seconds at the most. A server that does not
   * run has no connections.
   *
   * @throws AssertionError naming each connection and its last statement
   */
  public static void checkNoConnections(PostgresServer server) {
    checkNoConnections(server, DEFAULT_PATIENCE);
  }

  /** The same, waiting this long at the most. */
  public static void checkNoConnections(PostgresServer server, Duration patience) {
    failIfLasting(
        patience,
        () -> ServerConnection.of(server).stream().map(ServerConnection::toString).toList());
  }

  /** The same for one database. */
  public static void checkNoConnections(TestDatabase database) {
    checkNoConnections(database, DEFAULT_PATIENCE);
  }

  /** The same for one database, waiting this long at the most. */
  public static void checkNoConnections(TestDatabase database, Duration patience) {
    failIfLasting(
        patience,
        () ->
            ServerConnection.of(database.server()).stream()
                .filter(connection -> connection.database().equals(database.name()))
                .map(ServerConnection::toString)
                .toList());
  }

  private static void failIfLasting(Duration patience, Supplier<List<String>> leaks) {
    long deadline = System.nanoTime() + patience.toNanos();
    List<String> found = leaks.get();
    while (!found.isEmpty()) {
      if (System.nanoTime() - deadline >= 0) {
        throw new AssertionError(
            "%d left behind:%n%s"
                .formatted(found.size(), String.join(System.lineSeparator(), found)));
      }
      Processes.pause(POLL);
      found = leaks.get();
    }
  }

  private List<String> threads() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> leaked(entry.getKey()))
        .map(entry -> describe(entry.getKey(), entry.getValue()))
        .toList();
  }

  private boolean leaked(Thread thread) {
    return thread.isAlive()
        && !threadsBefore.contains(thread)
        && !ownedByTheJdk(thread)
        && !SharedInJvm.owns(thread)
        && ignoredThreads.stream().noneMatch(thread.getName()::startsWith);
  }

  /** The JDK keeps its own threads in the root group, or in one of this name. */
  private static boolean ownedByTheJdk(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return group == null
        || group.getParent() == null
        || group.getName().equals("InnocuousThreadGroup");
  }

  private static String describe(Thread thread, StackTraceElement[] stack) {
    StringBuilder description =
        new StringBuilder("thread \"%s\"".formatted(thread.getName()))
            .append(thread.isDaemon() ? " (daemon)" : "")
            .append(", ")
            .append(thread.getState());
    for (StackTraceElement element : stack) {
      description.append(System.lineSeparator()).append("    at ").append(element);
    }
    return description.toString();
  }

  private List<String> ports() {
    return ListeningPorts.ofThisProcess().stream()
        .filter(port -> !portsBefore.contains(port) && !SharedInJvm.ownsPort(port))
        .map(port -> "socket listening on port " + port)
        .toList();
  }

  private List<String> connections(PostgresServer server) {
    return ServerConnection.of(server).stream()
        .filter(connection -> !connectionsBefore.contains(connection))
        .map(ServerConnection::toString)
        .toList();
  }

  private Set<PostgresServer> watched() {
    Set<PostgresServer> watched = servers.stream().collect(Collectors.toCollection(HashSet::new));
    PostgresServer.sharedIfStarted().ifPresent(watched::add);
    return watched;
  }
}

package dev.shardwright.bench.peers;

import com.zaxxer.hikari.HikariConfig;
import dev.shardwright.bench.Numbers;
import dev.shardwright.bench.compare.AccountsByShard;
import dev.shardwright.bench.compare.BenchCluster;
import dev.shardwright.bench.compare.Comparison;
import dev.shardwright.bench.compare.FanOutByHand;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.Driver;
import org.slf4j.Logger;

/**
 * Shardwright, what a careful hand would write instead, and another library, at the same work on
 * four shards; then how long each takes to start, and what it brings along.
 *
 * <p>Arguments: rounds (default 30), milliseconds of a turn (default 150). System properties name
 * what is on the class path of a service: {@value #ROUTER_LIBRARIES} with Shardwright, and {@value
 * #SHARDINGSPHERE_LIBRARIES} with the other library, without which that one stays away.
 */
public final class Peers {
  private static final String ROUTER_LIBRARIES = "peers.router";
  private static final String SHARDINGSPHERE_LIBRARIES = "peers.shardingsphere";

  private static final String FLOOR = "by hand (floor)";
  private static final String SHARDWRIGHT = "Shardwright, own calls";
  private static final String SHARDWRIGHT_JDBC = "Shardwright, JDBC";
  private static final String SHARDINGSPHERE = "ShardingSphere-JDBC";

  private static final int SHARDS = 4;
  private static final int CONNECTIONS = FirstRow.CONNECTIONS;

  /** Whose owner a fresh JVM reads. */
  private static final int KEY = 4_711;

  private final BenchCluster cluster;
  private final List<String> urls;
  private final PostgresServer first;
  private final Optional<Libraries> shardingSphere;
  private final PrintStream out;

  private Peers(BenchCluster cluster, Optional<Libraries> shardingSphere, PrintStream out) {
    this.cluster = cluster;
    this.urls = cluster.servers().stream().map(PostgresServer::url).toList();
    this.first = cluster.servers().get(0);
    this.shardingSphere =
        shardingSphere.map(libraries -> libraries.with(HikariConfig.class, Driver.class));
    this.out = out;
  }

  /** Runs everything and prints the tables. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 30, 150);
    int rounds = Math.toIntExact(numbers[0]);
    long turnMillis = numbers[1];
    String shardingSphere = System.getProperty(SHARDINGSPHERE_LIBRARIES);
    run(
        BenchCluster.ACCOUNTS,
        new Comparison(1, rounds, turnMillis),
        Libraries.of(System.getProperty(ROUTER_LIBRARIES, "")),
        shardingSphere == null ? Optional.empty() : Optional.of(Libraries.of(shardingSphere)),
        System.out);
  }

  /** Compares on a cluster of its own. */
  static void run(
      int accounts,
      Comparison comparison,
      Libraries router,
      Optional<Libraries> shardingSphere,
      PrintStream out)
      throws Exception {
    try (BenchCluster cluster = BenchCluster.start(SHARDS, accounts)) {
      Tables.define(cluster);
      Peers peers = new Peers(cluster, shardingSphere, out);
      out.println(Surroundings.of(peers.first, peers.shardingSphere));
      peers.work(comparison);
      peers.startUp(comparison.rounds() / 3 + 1, router);
    }
  }

  private void work(Comparison comparison) throws Exception {
    int accounts = cluster.accounts();
    Account lastBefore = Tables.lastBeforeDeepPage(accounts);
    try (ShardRouter router =
            ShardRouter.connect(
                cluster.zooKeeper(),
                BenchCluster.NAME,
                RouterOptions.DEFAULTS.withCredentials(cluster.credentials()));
        FanOutByHand pools = FanOutByHand.over(cluster.servers(), CONNECTIONS);
        FanOutByHand otherPools = FanOutByHand.over(cluster.servers(), CONNECTIONS)) {
      Tables.load(cluster, router);
      List<Contestant> contestants = new ArrayList<>();
      contestants.add(
          Contestant.of(
              FLOOR, new ByHand(pools, SHARDS, Tables.BY_REMAINDER, lastBefore), accounts));
      contestants.add(
          Contestant.of(
              "by hand once more",
              new ByHand(otherPools, SHARDS, Tables.BY_REMAINDER, lastBefore),
              accounts));
      contestants.add(
          Contestant.of(
              SHARDWRIGHT, new OwnCalls(router, BenchCluster.KEYSPACE, Tables.BY_RING), accounts));
      contestants.add(
          Contestant.of(
              SHARDWRIGHT_JDBC,
              new OverJdbc(router.dataSource(), Tables.BY_RING, lastBefore),
              accounts));
      if (shardingSphere.isEmpty()) {
        work(comparison, contestants);
        return;
      }
      try (ShardingSphere peer =
          ShardingSphere.start(
              shardingSphere.get().jars(), urls, first.user(), first.password(), CONNECTIONS)) {
        Bank bank = new OverJdbc(peer.dataSource(), Tables.BY_REMAINDER, lastBefore);
        contestants.add(
            new Contestant(
                SHARDINGSPHERE,
                (work, random) -> peer.within(() -> work.ask(bank, accounts, random))));
        work(comparison, contestants);
      }
    }
  }

  /** Twice, the first time for nothing but the compiler: what all work shares is hot after it. */
  private void work(Comparison comparison, List<Contestant> contestants) throws Exception {
    results("warming up", new Comparison(1, 1, comparison.turnMillis()), contestants);
    List<Result> results = results("timing", comparison, contestants);
    List<String> names = contestants.stream().map(Contestant::name).toList();
    new Report(names, results, out).print();
  }

  private static List<Result> results(
      String what, Comparison comparison, List<Contestant> contestants) throws Exception {
    List<Result> results = new ArrayList<>();
    for (Work work : Work.values()) {
      System.err.printf("peers: %s, %s%n", what, work.title());
      results.add(Result.of(work, contestants, comparison));
    }
    return results;
  }

  private void startUp(int rounds, Libraries router) throws Exception {
    List<String> userAndKey = List.of(first.user(), String.valueOf(KEY));
    List<StartUp> contenders = new ArrayList<>();
    contenders.add(
        new StartUp(
            FLOOR,
            new Libraries(List.of()).with(HikariConfig.class, Driver.class, Logger.class),
            FirstRow.ByHandMain.class,
            with(userAndKey, urls)));
    contenders.add(
        new StartUp(
            SHARDWRIGHT,
            router,
            FirstRow.ShardwrightMain.class,
            with(
                userAndKey,
                List.of(cluster.zooKeeper(), BenchCluster.NAME, BenchCluster.KEYSPACE))));
    contenders.add(
        new StartUp(
            SHARDWRIGHT_JDBC,
            router,
            FirstRow.JdbcMain.class,
            with(userAndKey, List.of(cluster.zooKeeper(), BenchCluster.NAME))));
    shardingSphere.ifPresent(
        libraries ->
            contenders.add(
                new StartUp(
                    SHARDINGSPHERE,
                    libraries,
                    FirstRow.ShardingSphereMain.class,
                    with(userAndKey, urls))));
    System.err.println("peers: start-up");
    StartUp.compare(contenders, first.password(), AccountsByShard.ownerName(KEY), rounds, out);
  }

  private static List<String> with(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }
}

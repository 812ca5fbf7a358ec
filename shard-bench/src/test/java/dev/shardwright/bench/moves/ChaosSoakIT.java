package dev.shardwright.bench.moves;

import static dev.shardwright.bench.moves.ServedCluster.ACCOUNTS;
import static dev.shardwright.bench.moves.ServedCluster.COUNT_UP_WITH_ID;
import static dev.shardwright.bench.moves.ServedCluster.IDS;
import static dev.shardwright.bench.moves.ServedCluster.KEYSPACE;
import static dev.shardwright.bench.moves.ServedCluster.MONEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ShardException;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.ChildJvm;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.junit.PostgresExtension;
import dev.shardwright.testkit.junit.ZooKeeperExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Ranges move to and fro for as long as {@code -Dshardwright.soak.seconds} says, while movers,
 * services, servers and the network fail at random; {@code -Dshardwright.soak.seed} repeats the
 * order of events, though not their moments.
 */
@Tag("long")
class ChaosSoakIT {
  @RegisterExtension static final ZooKeeperExtension ZOOKEEPER = new ZooKeeperExtension();
  @RegisterExtension static final PostgresExtension FIRST = new PostgresExtension();
  @RegisterExtension static final PostgresExtension SECOND = new PostgresExtension();

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final Duration length =
      Duration.ofSeconds(Integer.getInteger("shardwright.soak.seconds", 120));
  private final long seed = Long.getLong("shardwright.soak.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final Versions versions = new Versions(ACCOUNTS);

  /** Something that goes wrong for a time. */
  private record Trouble(String name, Cause begins, Cause ends) {}

  private interface Cause {
    void happen() throws Exception;
  }

  @Test
  void nothingIsLostOrDoubledOrLeftBehind() throws Exception {
    System.out.println("seed " + seed);
    try (FaultProxy toFirst = FaultProxy.to(FIRST.server().host(), FIRST.server().port());
        FaultProxy toSecond = FaultProxy.to(SECOND.server().host(), SECOND.server().port());
        FaultProxy toZooKeeper = FaultProxy.to("127.0.0.1", ZOOKEEPER.server().port());
        ServedCluster cluster =
            new ServedCluster(
                ZOOKEEPER.server().connectString(),
                new ServedCluster.Servers(
                    FIRST.server(),
                    SECOND.server(),
                    address ->
                        address.endsWith(":" + FIRST.server().port())
                            ? address(toFirst)
                            : address(toSecond)));
        ShardRouter router = cluster.router(address(toZooKeeper));
        ToAndFro moves = new ToAndFro(cluster, random.nextLong());
        Loops loops = new Loops(random.nextLong());
        Processes processes = new Processes(cluster, address(toZooKeeper), versions)) {
      begin(loops, router);
      trouble(moves, troubles(processes, List.of(toFirst, toSecond, toZooKeeper)));
      List<Integer> numbers = moves.finish(PATIENCE);
      assertThat(numbers).isNotEmpty();
      serves(router);
      processes.end();
      loops.end();
      System.out.printf("%d moves, %s%n", numbers.size(), loops.turns());
      Map<Long, Long> values = cluster.values("select id, version from account");
      versions.check(values);
      versions.checkIds(
          values, cluster.values("select mark, id from account, unnest(ids) mark"), IDS);
      assertThat(cluster.values("select account, sum(amount) from purse group by account").values())
          .hasSize(ACCOUNTS)
          .containsOnly(MONEY);
      for (int number : numbers) {
        cluster.checkPlaces(number);
      }
    }
  }

  private void begin(Loops loops, ShardRouter router) {
    loops.begin(
        "writes",
        5,
        chance -> {
          long key = 1L + chance.nextInt(ACCOUNTS);
          versions.tryToCount(key, id -> countUp(router, key, id));
        });
    loops.begin("reads", 5, chance -> readOne(router, 1L + chance.nextInt(ACCOUNTS)));
    loops.begin("transfers", 5, chance -> transfer(router, chance));
    loops.begin("counts", 20, chance -> countAll(router));
  }

  private void readOne(ShardRouter router, long key) throws Exception {
    try {
      versions.read(
          key,
          () ->
              router
                  .keyspace(KEYSPACE)
                  .on(key)
                  .queryOne("select version from account where id = ?", row -> row.getLong(1), key)
                  .orElseThrow());
    } catch (ShardException e) {
      // It may fail, but not lie.
    }
  }

  private static void transfer(ShardRouter router, Random chance) {
    long key = 1L + chance.nextInt(ACCOUNTS);
    long amount = chance.nextInt(20) - 10L;
    try {
      router
          .keyspace(KEYSPACE)
          .on(key)
          .inTransaction(
              connection -> {
                Traffic.transfer(connection, key, amount);
                return amount;
              });
    } catch (ShardException e) {
      // It may fail, or be done: the sum is the same.
    }
  }

  private static void countAll(ShardRouter router) {
    try {
      checkCount(router);
    } catch (ShardException e) {
      // It may fail, but not lie.
    }
  }

  private static void checkCount(ShardRouter router) {
    assertThat(
            router.scatter(
                "select count(*), count(distinct id) from account",
                row -> List.of(row.getLong(1), row.getLong(2))))
        .containsExactly(List.of((long) ACCOUNTS, (long) ACCOUNTS));
    assertThat(router.scatter("select sum(amount) from purse", row -> row.getLong(1)))
        .containsExactly(ACCOUNTS * MONEY);
  }

  /** Once all trouble is over, nothing may fail for long. */
  private void serves(ShardRouter router) {
    for (long key = 1; key <= ACCOUNTS; key++) {
      long account = key;
      await()
          .atMost(PATIENCE)
          .until(() -> versions.tryToCount(account, id -> countUp(router, account, id)));
    }
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(ShardException.class)
        .until(
            () -> {
              checkCount(router);
              return true;
            });
  }

  private static void countUp(ShardRouter router, long key, long id) {
    assertThat(router.keyspace(KEYSPACE).on(key).update(COUNT_UP_WITH_ID, id, key)).isEqualTo(1);
  }

  private void trouble(ToAndFro moves, List<Trouble> troubles) throws Exception {
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() - end < 0) {
      moves.steer();
      Trouble trouble = troubles.get(random.nextInt(troubles.size()));
      System.out.println(trouble.name() + " as " + moves.state());
      trouble.begins().happen();
      Thread.sleep(random.nextInt(random.nextInt(4) == 0 ? 4_000 : 500));
      trouble.ends().happen();
      Thread.sleep(random.nextInt(1_500));
    }
  }

  private List<Trouble> troubles(Processes processes, List<FaultProxy> proxies) {
    return List.of(
        new Trouble("a mover is killed", processes::killMover, processes::startMover),
        new Trouble("a mover is killed", processes::killMover, processes::startMover),
        new Trouble("a mover sleeps", () -> processes.mover().freeze(), processes::wakeMover),
        new Trouble("a mover sleeps", () -> processes.mover().freeze(), processes::wakeMover),
        new Trouble("a service is killed", processes::killWriter, processes::startWriter),
        new Trouble(
            "a service sleeps", () -> processes.writer().freeze(), () -> processes.writer().thaw()),
        crash("the first server crashes", FIRST.server()),
        crash("the second server crashes", SECOND.server()),
        new Trouble(
            "ZooKeeper is away",
            () -> ZOOKEEPER.server().stop(),
            () -> ZOOKEEPER.server().restart()),
        new Trouble(
            "the network is cut",
            () -> one(proxies).cut(),
            () -> proxies.forEach(FaultProxy::heal)),
        new Trouble(
            "the network freezes",
            () -> one(proxies).freeze(),
            () -> proxies.forEach(FaultProxy::heal)),
        new Trouble(
            "the network is slow",
            () -> one(proxies).delay(Duration.ofMillis(100)),
            () -> proxies.forEach(FaultProxy::heal)),
        new Trouble(
            "an answer is lost",
            () -> one(proxies).cutOnNextResponse(),
            () -> proxies.forEach(FaultProxy::heal)));
  }

  private FaultProxy one(List<FaultProxy> proxies) {
    return proxies.get(random.nextInt(proxies.size()));
  }

  private static Trouble crash(String name, PostgresServer server) {
    return new Trouble(name, server::kill, server::restart);
  }

  private static String address(FaultProxy proxy) {
    return proxy.host() + ":" + proxy.port();
  }

  /** Two movers and a service. */
  private static final class Processes implements AutoCloseable {
    private final ServedCluster cluster;
    private final String zooKeeper;
    private final Versions versions;
    private final ChildJvm[] movers = new ChildJvm[2];
    private WriterProcess writer;
    private int turn;

    Processes(ServedCluster cluster, String zooKeeper, Versions versions) {
      this.cluster = cluster;
      this.zooKeeper = zooKeeper;
      this.versions = versions;
      movers[0] = MoverProcess.start(cluster, zooKeeper);
      movers[1] = MoverProcess.start(cluster, zooKeeper);
      writer = WriterProcess.start(cluster, zooKeeper, versions);
    }

    ChildJvm mover() {
      return movers[turn];
    }

    ChildJvm writer() {
      return writer.jvm();
    }

    void killMover() {
      mover().kill();
    }

    void startMover() {
      mover().close();
      movers[turn] = MoverProcess.start(cluster, zooKeeper);
      turn = 1 - turn;
    }

    void wakeMover() {
      mover().thaw();
      turn = 1 - turn;
    }

    void killWriter() {
      writer.close();
    }

    void startWriter() {
      writer = WriterProcess.start(cluster, zooKeeper, versions);
    }

    /** The service has said all that it had to say. */
    void end() {
      movers[0].close();
      movers[1].close();
      writer.close();
    }

    @Override
    public void close() {
      end();
    }
  }
}

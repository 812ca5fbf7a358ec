package dev.shardwright.bench.compare;

import dev.shardwright.bench.Numbers;
import dev.shardwright.credentials.Credentials;
import dev.shardwright.ring.HashRing;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * A point select by key through the router's own calls and through JDBC, against the same statement
 * on raw HikariCP and pgjdbc with the shard known: over real servers, and with the network stubbed
 * out below pgjdbc. The second floor has connections of its own over real servers, as the router
 * has: it shows what they and the noise of the machine make of a ratio.
 *
 * <p>Arguments: rounds (default 40), milliseconds of a turn (default 250).
 */
public final class KeyedSelect {
  private static final String SELECT = "select owner from accounts where account_id = ?";
  private static final int SHARDS = 2;
  private static final int CONNECTIONS = 10;
  private static final int[] THREADS = {1, 4};

  /**
   * As careless as it can be: a frozen network, or a statement without end, holds a thread for
   * ever.
   */
  private static final Map<String, String> NO_DEADLINES = Map.of();

  /** The deadlines that the router keeps, on the server and, as a backstop, in the client. */
  private static final Map<String, String> SERVER_DEADLINE =
      Map.of("options", "-c statement_timeout=30000");

  private static final Map<String, String> SOCKET_DEADLINE = Map.of("socketTimeout", "35");

  private KeyedSelect() {}

  /** Runs the comparison and prints its tables. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 40, 250);
    int rounds = Math.toIntExact(numbers[0]);
    long turnMillis = numbers[1];
    overStub(new Comparison(1, rounds, turnMillis), System.out);
    overServers(rounds, turnMillis, System.out);
  }

  private static void overServers(int rounds, long turnMillis, PrintStream out) throws Exception {
    try (BenchCluster cluster = BenchCluster.start(SHARDS);
        ShardRouter router =
            ShardRouter.connect(
                cluster.zooKeeper(),
                BenchCluster.NAME,
                RouterOptions.DEFAULTS.withCredentials(cluster.credentials()));
        FloorByShard floor = new FloorByShard(cluster, NO_DEADLINES);
        FloorByShard again = new FloorByShard(cluster, NO_DEADLINES);
        FloorByShard serverLimit = new FloorByShard(cluster, SERVER_DEADLINE);
        FloorByShard socketLimit = new FloorByShard(cluster, SOCKET_DEADLINE)) {
      Keyspace bank = router.keyspace(BenchCluster.KEYSPACE);
      DataSource jdbc = router.dataSource();
      AccountsByShard accounts = AccountsByShard.load(cluster, router);
      List<Contender> contenders =
          List.of(
              new Contender("HikariCP + pgjdbc (floor)", floor.selecting(accounts)),
              new Contender("the floor once more", again.selecting(accounts)),
              new Contender("the floor, statement_timeout", serverLimit.selecting(accounts)),
              new Contender("the floor, socketTimeout", socketLimit.selecting(accounts)),
              new Contender(
                  "Shardwright, keyed",
                  random -> select(bank, random.nextInt(BenchCluster.ACCOUNTS))),
              new Contender(
                  "Shardwright, JDBC",
                  random -> Floor.owner(jdbc, SELECT, random.nextInt(BenchCluster.ACCOUNTS))));
      for (int threads : THREADS) {
        new Comparison(threads, rounds, turnMillis)
            .run("Point select over " + SHARDS + " real servers", contenders, out);
      }
    }
  }

  private static String select(Keyspace bank, long key) {
    return bank.on(key).queryOne(SELECT, row -> row.getString(1), key).orElseThrow();
  }

  private static void overStub(Comparison comparison, PrintStream out) throws Exception {
    String url = "jdbc:postgresql://127.0.0.1/stub?" + CannedSocketFactory.PARAMETER;
    try (ZooKeeperServer zooKeeper = ZooKeeperServer.start()) {
      publish(zooKeeper.connectString(), url);
      RouterOptions options =
          RouterOptions.DEFAULTS.withCredentials(
              (shard, endpoint, role) -> new Credentials("bench", Optional.empty()));
      SimpleMeterRegistry meters = new SimpleMeterRegistry();
      try (ShardRouter router = ShardRouter.connect(zooKeeper.connectString(), "bench", options);
          ShardRouter metered =
              ShardRouter.connect(zooKeeper.connectString(), "bench", options.withMeters(meters));
          Floor floor = new Floor(url, "bench", "", CONNECTIONS, NO_DEADLINES)) {
        Keyspace bank = router.keyspace(BenchCluster.KEYSPACE);
        DataSource jdbc = router.dataSource();
        Keyspace meteredBank = metered.keyspace(BenchCluster.KEYSPACE);
        comparison.run(
            "Point select with the network stubbed out",
            List.of(
                new Contender(
                    "HikariCP + pgjdbc (floor)", random -> floor.owner(SELECT, random.nextInt())),
                new Contender(
                    "the floor once more", random -> floor.owner(SELECT, random.nextInt())),
                new Contender("Shardwright, keyed", random -> select(bank, random.nextInt())),
                new Contender(
                    "Shardwright, JDBC", random -> Floor.owner(jdbc, SELECT, random.nextInt())),
                new Contender(
                    "Shardwright, keyed, metered",
                    random -> select(meteredBank, random.nextInt()))),
            out);
      }
    }
  }

  /**
   * A cluster of one shard, which is the stub; 64 virtual nodes, so that the ring is really
   * searched.
   */
  private static void publish(String zooKeeper, String url) {
    ShardId stub = ShardId.of("stub");
    List<VirtualNode> nodes = new ArrayList<>();
    for (long first = Long.MIN_VALUE, i = 0; i < 64; i++, first += 1L << 58) {
      nodes.add(new VirtualNode(new KeyRange(first, first + (1L << 58) - 1), stub));
    }
    TreeMap<Region, Placement> placements = new TreeMap<>();
    placements.put(Region.ALL, Placement.of(HashRing.of(nodes)));
    ShardedTable accounts = ShardedTable.of(TableName.of("accounts"), "account_id");
    TreeMap<TableName, ShardedTable> tables = new TreeMap<>(Map.of(accounts.name(), accounts));
    KeyspaceTopology bank =
        new KeyspaceTopology(
            BenchCluster.KEYSPACE,
            Strategy.HASH,
            Optional.of(KeyType.BIGINT),
            KeyspaceTopology.DEFAULT_VIRTUAL_NODES,
            new TreeSet<>(),
            tables,
            placements);
    try (ZooKeeperCluster cluster =
        ZooKeeperCluster.connect(zooKeeper, "bench", ZooKeeperOptions.DEFAULTS)) {
      cluster
          .topologyStore()
          .compareAndSet(
              Topology.INITIAL
                  .withShard(Shard.of(stub, new Endpoint(url, "bench")))
                  .withKeyspace(bank));
    }
  }

  /** A floor for each shard, and who owns what known beforehand. */
  private static final class FloorByShard implements AutoCloseable {
    private final List<Floor> floors;

    FloorByShard(BenchCluster cluster, Map<String, String> settings) {
      this.floors = cluster.servers().stream().map(server -> floor(server, settings)).toList();
    }

    private static Floor floor(PostgresServer server, Map<String, String> settings) {
      return new Floor(server.url(), server.user(), server.password(), CONNECTIONS, settings);
    }

    Contender.Operation selecting(AccountsByShard accounts) {
      return random -> {
        int key = random.nextInt(BenchCluster.ACCOUNTS);
        floors.get(accounts.owner(key)).owner(SELECT, key);
      };
    }

    @Override
    public void close() {
      floors.forEach(Floor::close);
    }
  }
}

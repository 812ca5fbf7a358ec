package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Topology;
import dev.shardwright.topology.zookeeper.ZooKeeperOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class RacingAdminsIT {
  private static final String T = "create table public.t (k bigint primary key, v int)";
  private static final String[] TABLES = {"a", "b", "c"};

  @Test
  void loseNoUpdate() throws Exception {
    try (TestCluster cluster = TestCluster.of(ddl(), "s1", "s2")) {
      cluster.admin.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      race(cluster, cluster.admin, cluster.admin, cluster.admin);
    }
  }

  @Test
  void loseNoUpdateInZooKeeper() throws Exception {
    try (ZooKeeperServer zooKeeper = ZooKeeperServer.start();
        ClusterAdmin one = connect(zooKeeper);
        ClusterAdmin two = connect(zooKeeper);
        TestCluster cluster = new TestCluster()) {
      one.init();
      one.addShard(cluster.database("s1", ddl()));
      two.addShard(cluster.database("s2", ddl()));
      two.createKeyspace(NewKeyspace.range("ks", KeyType.BIGINT, List.of("500")));
      race(cluster, one, two, one);
    }
  }

  /**
   * At once: three tables are registered, four keys pinned, a shard added, and a weight changed.
   */
  private static void race(
      TestCluster cluster, ClusterAdmin one, ClusterAdmin two, ClusterAdmin three)
      throws Exception {
    List<Callable<AdminOutcome>> commands = new ArrayList<>();
    for (String table : TABLES) {
      commands.add(() -> one.registerTable("ks", GuardIT.keyed(table, "k")));
    }
    for (int key = 1; key <= 4; key++) {
      String text = Integer.toString(key);
      commands.add(() -> two.pin("ks", text, ShardId.of("s2")));
    }
    var third = cluster.database("s3", ddl());
    commands.add(() -> three.addShard(third));
    commands.add(() -> three.setWeight(ShardId.of("s1"), 42));
    runAll(commands);

    Topology topology = one.topology();
    assertThat(topology.keyspace("ks").orElseThrow().tables()).hasSize(TABLES.length);
    assertThat(topology.keyspace("ks").orElseThrow().placement(Region.ALL).pins().all()).hasSize(4);
    assertThat(topology.shards()).hasSize(3);
    assertThat(topology.shard(ShardId.of("s1")).orElseThrow().weight()).isEqualTo(42);
    for (String table : TABLES) {
      for (int key = 1; key <= 4; key++) {
        String insert = "insert into %s values (%d, 1)".formatted(table, key);
        GuardIT.assertRefused(cluster, "s1", insert);
        GuardIT.assertRefused(cluster, "s3", insert);
        cluster.asApp("s2", insert);
      }
      cluster.asApp("s1", "insert into %s values (5, 1)".formatted(table));
    }
  }

  /** A command that locked a table another wanted for too long says so, and is run again. */
  private static void runAll(List<Callable<AdminOutcome>> commands) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(commands.size());
    try {
      List<Future<AdminOutcome>> outcomes = new ArrayList<>();
      for (Callable<AdminOutcome> command : commands) {
        outcomes.add(executor.submit(command));
      }
      for (int i = 0; i < outcomes.size(); i++) {
        outcomes.get(i).get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
      assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static ClusterAdmin connect(ZooKeeperServer zooKeeper) {
    return ClusterAdmin.connect(
        zooKeeper.connectString(),
        "test",
        ZooKeeperOptions.DEFAULTS,
        TestCluster.CREDENTIALS,
        TestCluster.OPTIONS);
  }

  private static String ddl() {
    StringBuilder ddl = new StringBuilder();
    for (String table : TABLES) {
      ddl.append(T.replace("public.t", "public." + table)).append(';');
    }
    return ddl.toString();
  }
}

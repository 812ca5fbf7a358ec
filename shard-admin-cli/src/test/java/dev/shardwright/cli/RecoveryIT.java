package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.CliCluster.Result;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.zookeeper.GivenNumbers;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.ZKUtil;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class RecoveryIT {
  private static final String KEY = "select count(*) from orders where user_id = 1";

  @Test
  void routersGoOnWhenZooKeeperHasLostEverythingAndIsRecovered(@TempDir Path directory)
      throws Exception {
    String file = directory.resolve("kept.json").toString();
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2");
        ShardRouter router = router(cluster)) {
      router.keyspace("shop").on(1).update("insert into orders (user_id, id) values (1, 1)");
      assertThat(cluster.run("export", file, "--output", "json").done().out())
          .contains("\"epoch\" : ", "\"file\" : \"" + file);
      GivenNumbers given = given(cluster);
      cluster.run("import", file).refused("there is a topology already");
      assertThat(given(cluster)).as("nothing is skipped where nothing is lost").isEqualTo(given);
      loseEverything(cluster);
      cluster.run("status").refused("there is no topology");
      assertThat(count(router)).isEqualTo(1);
      cluster.run("import", file, "--cluster", "staging").refused("is of cluster prod");
      assertThat(cluster.run("import", file).done().out()).contains("in force again");
      long epoch = 1_000_000;
      await().atMost(Duration.ofSeconds(30)).until(() -> router.health().epoch().value() > epoch);
      assertThat(count(router)).isEqualTo(1);
      cluster.run("fsck").done();
      assertThat(cluster.run("status").done().out()).contains("s1", "s2", "shop");
      try (ShardRouter newcomer = router(cluster)) {
        assertThat(newcomer.health().router()).isGreaterThan(router.health().router() + 1_000_000);
      }
    }
  }

  @Test
  void anExportFromBeforeARebalanceIsRefused(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("kept.json");
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.add("s2", CliCluster.ORDERS);
      cluster.run("export", file.toString()).done();
      cluster.rebalance();
      loseEverything(cluster);
      assertThat(cluster.run("import", file.toString()).is(1).err())
          .contains("shard s1 owns other rows of public.orders than it says", "a newer export");
      Files.writeString(file, Files.readString(file).replace("s2", "s3"));
      cluster.run("import", file.toString()).refused("kept.json", "checksum does not match");
      cluster.run("import", directory + "/none").refused("none cannot be read");
    }
  }

  @Test
  void fsckFindsStraysAndReferenceTablesThatDiffer() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      cluster.execute("s1", "create table countries (code text primary key)");
      cluster.execute("s2", "create table countries (code text primary key)");
      cluster.run("table", "reference", "countries").done();
      assertThat(cluster.run("fsck").done().out()).contains("public.orders", "public.countries");
      cluster.execute("s2", "insert into countries values ('xx')");
      for (String shard : new String[] {"s1", "s2"}) {
        cluster.execute(
            shard,
            "set session_replication_role = replica;"
                + " alter table orders disable trigger all;"
                + " insert into orders values (1, 1, 'twice');"
                + " alter table orders enable always trigger zz_shardwright_guard");
      }
      assertThat(cluster.run("fsck").is(1).out())
          .contains(
              "1 rows of public.orders on shard",
              "one with key '1' belong to another shard",
              "public.countries has other rows on shard s2");
    }
  }

  @Test
  void fsckSaysHowToGiveATableMoreTime() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        Connection busy = cluster.connect("s1");
        Statement statement = busy.createStatement()) {
      busy.setAutoCommit(false);
      statement.execute("lock table orders");
      cluster
          .run("fsck", "--timeout", "1s")
          .refused(
              "shard s1",
              "counting rows failed",
              "may take 1000 ms",
              "--timeout of shard-admin fsck");
      busy.rollback();
      cluster.run("fsck", "--timeout", "1d").done();
    }
  }

  @Test
  void fsckPutsGuardsRightWhenItIsToldTo() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      cluster.execute("s1", "drop trigger zz_shardwright_guard on orders");
      String problem = "the guard of public.orders on shard s1 is not what the topology says";
      assertThat(cluster.run("fsck").is(1).out()).contains(problem);
      cluster.run("fsck", "--repair-guards").refused("Nobody is here", "--yes");
      assertThat(cluster.answering("no\n", true, "fsck", "--repair-guards").is(1).err())
          .contains("nothing was done");
      assertThat(cluster.run("fsck").is(1).out()).contains(problem);
      Result repaired = cluster.run("fsck", "--repair-guards", "--yes", "--output", "json").done();
      assertThat(repaired.err()).contains("The guards on all shards are what the topology says");
      assertThat(repaired.out()).contains("\"problems\" : [ ]");
      cluster.run("fsck").done();
      assertThatThrownBy(
              () ->
                  cluster.execute(
                      "s1", "insert into orders select k, 1 from generate_series(1, 50) k"))
          .hasMessageContaining("public.orders");
    }
  }

  @Test
  void adoptsADatabaseWithItsRows() throws Exception {
    try (CliCluster cluster = new CliCluster()) {
      cluster.run("init").done();
      String url = cluster.database("s1", CliCluster.ORDERS).url();
      cluster.execute("s1", "insert into orders select k, 1 from generate_series(1, 100) k");
      String[] adopt = {
        "adopt",
        "s1",
        "--url",
        url,
        "--keyspace",
        "shop",
        "--key-type",
        "bigint",
        "--table",
        "orders=user_id"
      };
      assertThat(cluster.run(adopt).done().out()).contains("is shard s1");
      cluster.run(adopt).done();
      assertThat(cluster.run("query", "select count(*) from orders").done().out()).contains("100");
      adopt[1] = "s2";
      cluster.run(adopt).refused("can only be the first");
    }
  }

  @Test
  void refusesToAdoptBeforeAnythingIsChanged() throws Exception {
    try (CliCluster cluster = new CliCluster()) {
      cluster.run("init").done();
      String url = cluster.database("s1", CliCluster.ORDERS).url();
      cluster.environment.put("SHARDWRIGHT_ADMIN_USER", PostgresServer.shared().user());
      cluster.environment.put("SHARDWRIGHT_ADMIN_PASSWORD", PostgresServer.shared().password());
      cluster.execute("s1", "create table notes (id bigint primary key, user_id bigint)");
      String good = "orders=user_id";
      adopt(cluster, url, "shop", good, "none=user_id").refused("public.none does not exist");
      adopt(cluster, url, "shop", good, "notes=user_id")
          .refused("public.notes", "primary key [id]");
      adopt(cluster, url, "shop", good, "notes=none").refused("public.notes", "none");
      adopt(cluster, url, "shop", "orders=note").refused("column note has type text");
      adopt(cluster, url, "shop", good, "--user", "nobody").refused("no role nobody", "--user");
      assertThat(adopt(cluster, url, "Shop", good).is(2).err()).contains("keyspace 'Shop'");
      assertThat(cluster.query("s1", "select to_regnamespace('shardwright') is null"))
          .containsExactly("t");
      assertThat(cluster.run("shard", "list", "--output", "json").done().out())
          .contains("\"shards\" : [ ]");
      adopt(cluster, url, "shop", good).done();
      adopt(cluster, url, "other", good).refused("orders is registered in keyspace shop");
      assertThat(cluster.run("keyspace", "list").done().out()).doesNotContain("other");
    }
  }

  private static Result adopt(CliCluster cluster, String url, String keyspace, String... more) {
    List<String> command =
        new ArrayList<>(List.of("adopt", "s1", "--url", url, "--keyspace", keyspace));
    command.addAll(List.of("--key-type", "bigint"));
    for (String word : more) {
      command.addAll(word.contains("=") ? List.of("--table", word) : List.of(word));
    }
    return cluster.run(command.toArray(String[]::new));
  }

  @Test
  void doctorNamesTheShardThatIsIllAndWhatToDo() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      assertThat(cluster.run("doctor").done().out()).contains("healthy  yes", "app role");
      cluster.execute("s2", "delete from shardwright.identity");
      assertThat(cluster.run("doctor").is(1).out())
          .contains("healthy  no", "is not the database of shard s2");
    }
  }

  private static ShardRouter router(CliCluster cluster) {
    return ShardRouter.connect(
        cluster.zooKeeper(), "prod", RouterOptions.DEFAULTS.withCredentials(cluster.credentials()));
  }

  private static GivenNumbers given(CliCluster cluster) {
    try (ZooKeeperCluster connected = ZooKeeperCluster.connect(cluster.zooKeeper(), "prod")) {
      return connected.givenNumbers();
    }
  }

  private static long count(ShardRouter router) {
    return router.keyspace("shop").on(1).queryOne(KEY, row -> row.getLong(1)).orElseThrow();
  }

  private static void loseEverything(CliCluster cluster) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client = new ZooKeeper(cluster.zooKeeper(), 30_000, event -> connected.countDown());
    try {
      connected.await();
      ZKUtil.deleteRecursive(client, "/shardwright");
    } finally {
      client.close();
    }
  }
}

package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.cli.CliCluster.Result;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.testkit.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SetupIT {
  /** Waits for all of its deadline, and does so beside the other tests. */
  private static CompletableFuture<Result> withoutZooKeeper;

  @BeforeAll
  static void start() {
    CliCluster cluster = new CliCluster();
    withoutZooKeeper =
        CompletableFuture.supplyAsync(() -> cluster.run("status", "--zookeeper", "127.0.0.1:1"));
  }

  @Test
  void setsAClusterUpAndShowsIt() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      assertThat(cluster.run("status").done().out())
          .contains("cluster  prod", "s1", "s2", "shop", "hash", "bigint", "ACTIVE");
      assertThat(cluster.run("shard", "show", "s1").done().out()).contains("owns:", "shop");
      assertThat(cluster.run("keyspace", "show", "shop").done().out()).contains("public.orders");
      assertThat(cluster.run("table", "list").done().out())
          .contains("public.orders  sharded  shop      user_id");
      assertThat(cluster.run("shard", "weight", "s2", "200").done().out()).contains("weight 200");
      assertThat(cluster.run("shard", "drain", "s2").done().out())
          .contains("shard-admin rebalance");
      assertThat(cluster.run("shard", "list").done().out()).contains("DRAINING     200");
      cluster.run("shard", "drain", "s2", "--cancel").done();
      assertThat(cluster.run("shard", "list").done().out()).doesNotContain("DRAINING");
    }
  }

  @Test
  void saysWhereAKeyLivesAndPinsIt() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      assertThat(cluster.run("route", "shop", "1").done().out())
          .contains("key           1", "virtual node", "pinned        no");
      assertThat(cluster.run("pin", "shop", "1", "s2").done().out()).contains("pinned to shard s2");
      assertThat(cluster.run("route", "shop", "1").done().out())
          .contains("pinned        yes", "shard         s2", cluster.url("s2"));
      cluster.run("unpin", "shop", "1").done();
      assertThat(cluster.run("route", "shop", "-5").done().out()).contains("key           -5");
      assertThat(cluster.run("route", "shop", "--", "-5").done().out())
          .contains("pinned        no");
      assertThat(cluster.run("route", "shop", "one").is(2).err()).contains("'one' is no bigint");
      cluster
          .run("route", "shoe", "1")
          .refused("there is no keyspace shoe; the cluster has [shop]");
      assertThat(cluster.run("route", "shop", "1", "--region", "eu").is(2).err())
          .contains("shop has no regions");
      assertThat(cluster.run("pin", "shop", "one", "s1").is(2).err()).contains("no bigint");
      cluster
          .run("pin", "shop", "1", "s9")
          .refused("there is no shard s9; the cluster has [s1, s2]");
    }
  }

  @Test
  void refusesWhatCannotBeAndSaysWhatToDo() throws Exception {
    try (CliCluster cluster = new CliCluster()) {
      cluster.run("status").refused("there is no topology at", "set the cluster up first");
      cluster.run("init").done();
      cluster.run("init").refused("the cluster is set up already, it is at epoch 1");
      cluster.add("s1", CliCluster.ORDERS);
      cluster
          .run("shard", "add", "s2", "--url", cluster.url("s1"))
          .refused("is shard s1 already: a database can be one shard only");
      cluster
          .run("shard", "add", "s1", "--url", cluster.url("s1"), "--weight", "7")
          .refused("there is a shard s1 already, and it is another");
      cluster
          .run("shard", "add", "s2", "--url", "jdbc:postgresql://127.0.0.1:1/none")
          .refused("shard s2", "127.0.0.1:1", "is the server up, and reachable from here?");
      assertThat(
              cluster
                  .run("keyspace", "create", "K", "--strategy", "hash", "--key-type", "uuid")
                  .is(2)
                  .err())
          .contains("keyspace 'K'");
      cluster.run("table", "add", "nowhere", "orders", "--key", "user_id").refused("no keyspace");
    }
  }

  /** The server is as new as all here; in this database it is made to say otherwise. */
  @Test
  void refusesAShardThatIsTooOld() throws Exception {
    try (CliCluster cluster = new CliCluster()) {
      cluster.run("init").done();
      String url = cluster.database("s1", "").url();
      cluster.execute(
          "s1",
          """
          set allow_system_table_mods = on;
          alter function pg_catalog.current_setting(text) rename to truth;
          create function pg_catalog.current_setting(text) returns text language sql as $body$
            select case $1 when 'server_version_num' then '140011' when 'server_version' then '14.11'
              else pg_catalog.truth($1) end $body$
          """);
      cluster
          .run("shard", "add", "s1", "--url", url)
          .refused("it runs PostgreSQL 14.11: version 15 or newer is needed");
      assertThat(cluster.run("shard", "list").done().out()).doesNotContain("s1");
    }
  }

  @Test
  void loseNothingOfWhatSeveralAdminsDoAtOnce() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      ExecutorService admins = Executors.newFixedThreadPool(4);
      try {
        List<Future<CliCluster.Result>> runs = new ArrayList<>();
        for (String shard : List.of("s2", "s3")) {
          String url = cluster.database(shard, CliCluster.ORDERS).url();
          runs.add(admins.submit(() -> cluster.run("shard", "add", shard, "--url", url)));
        }
        runs.add(admins.submit(() -> cluster.run("shard", "weight", "s1", "150")));
        runs.add(
            admins.submit(
                () ->
                    cluster.run(
                        "keyspace", "create", "bank", "--strategy", "hash", "--key-type", "text")));
        for (Future<CliCluster.Result> run : runs) {
          run.get(60, TimeUnit.SECONDS).done();
        }
      } finally {
        admins.shutdownNow();
      }
      assertThat(cluster.run("status").done().out())
          .contains("s1", "s2", "s3", "150", "shop", "bank");
      cluster.run("fsck").done();
    }
  }

  @Test
  void refusesAShardWithOtherTablesAndOneThatIsNotEmpty() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      TestDatabase other =
          cluster.database("s2", "create table orders (user_id bigint primary key, id text)");
      assertThat(cluster.run("shard", "add", "s2", "--url", other.url()).is(1).err())
          .contains("make them the same", "public.orders, column note");
      TestDatabase empty = cluster.database("s3", "");
      cluster.run("shard", "add", "s3", "--url", empty.url(), "--create-tables").done();
      cluster
          .run("shard", "remove", "s1", "--yes")
          .refused("shard s1 still owns tokens of [shop]: drain it and rebalance");
      cluster.run("shard", "remove", "s3").refused("give --yes");
      assertThat(cluster.answering("n\n", true, "shard", "remove", "s3").is(1).err())
          .contains("Remove shard s3 from the cluster? [y/N]", "nothing was done");
      assertThat(cluster.answering("y\n", true, "shard", "remove", "s3").done().out())
          .contains("Shard s3 is removed");
      cluster.run("shard", "remove", "s3", "--yes").refused("there is no shard s3");
    }
  }

  @Test
  void movesTheUrlOfAShardOnlyToItsOwnDatabase() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1", "s2")) {
      String moved = cluster.url("s1").replace("127.0.0.1", "localhost");
      String elsewhere = cluster.database("x", CliCluster.ORDERS).url();
      cluster.run("shard", "set-url", "s1", elsewhere).refused("it is no shard");
      cluster.run("shard", "set-url", "s1", cluster.url("s2")).refused("is shard s2 already");
      cluster
          .run("shard", "set-url", "s1", cluster.url("s2") + "?tcpKeepAlive=true")
          .refused("it is shard s2 of prod");
      assertThat(cluster.run("shard", "set-url", "s1", moved + "?tcpKeepAlive=true").done().out())
          .contains("Shard s1 is at");
      assertThat(cluster.run("shard", "show", "s1").done().out()).contains("tcpKeepAlive");
    }
  }

  @Test
  void givesAShardThatOwnsNothingAnEmptyDatabaseInPlaceOfALostOne() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      String lost = cluster.database("s2", "").url();
      cluster.run("shard", "add", "s2", "--url", lost, "--create-tables").done();
      String empty = cluster.database("s3", "").url();
      cluster.run("shard", "replace", "s1", empty).refused("shard s1 owns tokens of [shop]");
      cluster.run("shard", "replace", "s2", empty).refused("make them the same");
      assertThat(cluster.run("shard", "replace", "s2", empty, "--create-tables").done().out())
          .contains("Shard s2 begins anew at " + empty);
      cluster.run("shard", "remove", "s2", "--yes").done();
    }
  }

  @Test
  void findsSplitKeysAndLaysKeyspacesOutAnew() throws Exception {
    try (CliCluster cluster = new CliCluster()) {
      cluster.run("init").done();
      cluster.add("s1", CliCluster.ORDERS);
      cluster.execute("s1", "insert into orders select k, 1 from generate_series(1, 100) k");
      String[] splitKeys = {
        "keyspace", "split-keys", "orders", "--key", "user_id", "--shard", "s1", "--ranges", "4"
      };
      String keys = cluster.run(splitKeys).done().out().strip();
      assertThat(keys).matches("\\d+,\\d+,\\d+");
      String[] create = {
        "keyspace", "create", "shop", "--strategy", "range", "--key-type", "bigint", "--split-at"
      };
      create = Arrays.copyOf(create, create.length + 1);
      create[create.length - 1] = keys;
      cluster.run(create).done();
      String empty = cluster.database("s2", "").url();
      cluster.run("shard", "add", "s2", "--url", empty).done();
      assertThat(cluster.run("keyspace", "show", "shop").done().out()).doesNotContain("s2");
      assertThat(cluster.run("keyspace", "lay-out", "shop").done().out()).contains("laid out anew");
      assertThat(cluster.run("keyspace", "show", "shop", "--output", "json").done().out())
          .contains("\"shard\" : \"s1\"", "\"shard\" : \"s2\"", "\"virtualNodes\" : 2");
      cluster.run("keyspace", "lay-out", "shoe").refused("there is no keyspace shoe");
      splitKeys[splitKeys.length - 1] = "1";
      assertThat(cluster.run(splitKeys).is(2).err()).contains("1 ranges are not within 2 to 256");
    }
  }

  @Test
  void listsRoutersWithTheEpochTheyAreAt() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1");
        ShardRouter router = ShardRouter.connect(cluster.zooKeeper(), "prod")) {
      Result result = cluster.run("router", "list", "--output", "json").done();
      assertThat(result.out())
          .contains("\"number\" : 1", "\"pid\" : \"" + ProcessHandle.current().pid() + "\"");
      assertThat(router.health().zookeeperConnected()).isTrue();
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void saysThatZooKeeperIsAway() throws Exception {
    withoutZooKeeper
        .get(60, TimeUnit.SECONDS)
        .refused("no connection to ZooKeeper at 127.0.0.1:1", "check that it runs");
    try (CliCluster cluster = new CliCluster()) {
      assertThat(cluster.run("status", "--cluster", "Prod!").is(2).err()).contains("Prod!");
    }
  }

  @Test
  void registersReferenceTablesAndForgetsTables() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      cluster.execute("s1", "create table countries (code text primary key)");
      cluster.run("table", "reference", "countries").done();
      assertThat(cluster.run("table", "list").done().out()).contains("public.countries  reference");
      cluster.run("table", "remove", "countries", "--yes").done();
      cluster.run("table", "remove", "orders", "--yes").done();
      cluster.run("keyspace", "drop", "shop", "--yes").done();
      assertThat(cluster.run("status").done().out()).doesNotContain("shop");
    }
  }

  @Test
  void coloursDoNotTellThatAPersonIsThere() throws Exception {
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      ProcessBuilder drop = cluster.process("keyspace", "drop", "shop").redirectErrorStream(true);
      drop.environment().put("CLICOLOR_FORCE", "1");
      Process process = drop.start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isEqualTo(1);
      assertThat(said).contains("Nobody is here to answer");
    }
  }
}

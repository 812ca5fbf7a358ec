package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.FaultProxy;
import dev.shardwright.testkit.ZooKeeperServer;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.Shard;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Routers that run follow the topology, and wait for it where a database is ahead of them. */
@ExtendWith(LeakCheckExtension.class)
class TopologyChangeIT {
  private static final String INSERT = "insert into users values (?, 'x')";

  private static TestCluster cluster;

  private FaultProxy toZooKeeper;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(2);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void startFromTheSamePlacement() throws SQLException {
    toZooKeeper = FaultProxy.to("127.0.0.1", ZooKeeperServer.shared().port());
    cluster.execute("s1", "delete from users; delete from orders");
    cluster.execute("s2", "delete from users; delete from orders");
    cluster.admin.activateShard(ShardId.of("s1"));
    cluster.admin.layOut("shop");
  }

  @AfterEach
  void closeRouters() {
    toZooKeeper.heal();
    cluster.closeRouters();
    toZooKeeper.close();
  }

  @Test
  void followsKeysToTheirNewOwner() throws SQLException {
    ShardRouter router = cluster.router();
    long key = keyThatWillMove(router);
    moveKeys();
    await().until(() -> router.health().epoch().equals(cluster.epoch()));
    assertThat(router.route("shop", key).shard().value()).isEqualTo("s2");
    router.keyspace("shop").on(key).update(INSERT, key);
    assertThat(cluster.count("s2", "select count(*) from users")).isEqualTo(1);
  }

  @Test
  void waitsForTheTopologyThatAGuardSpeaksOfAndWritesAtTheNewOwner() throws Exception {
    ShardRouter router = lagging(Timeouts.DEFAULTS);
    long key = keyThatWillMove(router);
    toZooKeeper.freeze();
    moveKeys();
    CompletableFuture<Integer> write =
        Background.supply(() -> router.keyspace("shop").on(key).update(INSERT, key));
    MoveByHand.awaitWaiting(1);
    assertThat(write).isNotDone();
    toZooKeeper.heal();
    assertThat(write.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(cluster.count("s2", "select count(*) from users")).isEqualTo(1);
    assertThat(cluster.count("s1", "select count(*) from users")).isZero();
  }

  @Test
  void replaysATransactionAtTheNewOwner() throws Exception {
    ShardRouter router = lagging(Timeouts.DEFAULTS);
    long key = keyThatWillMove(router);
    toZooKeeper.freeze();
    moveKeys();
    AtomicInteger runs = new AtomicInteger();
    CompletableFuture<Void> write =
        Background.run(
            () ->
                router
                    .keyspace("shop")
                    .on(key)
                    .useTransaction(
                        connection -> {
                          runs.incrementAndGet();
                          try (var statement = connection.createStatement()) {
                            statement.execute("insert into users values (" + key + ", 'x')");
                            statement.execute("insert into orders values (" + key + ", 1, 1)");
                          }
                        }));
    await().until(() -> runs.get() == 1);
    assertThatThrownBy(() -> write.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    toZooKeeper.heal();
    write.get(10, TimeUnit.SECONDS);
    assertThat(runs).hasValueGreaterThan(1);
    assertThat(cluster.count("s2", "select count(*) from users join orders using (user_id)"))
        .isEqualTo(1);
  }

  @Test
  void saysThatTheRangeMovedIfItIsNotToldWhere() {
    ShardRouter router = lagging(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(2)));
    long key = keyThatWillMove(router);
    toZooKeeper.freeze();
    moveKeys();
    assertThatThrownBy(() -> router.keyspace("shop").on(key).update(INSERT, key))
        .isInstanceOf(RangeMoved.class)
        .hasMessageContaining("shard s1")
        .hasMessageContaining("knows of epoch " + cluster.epoch());
  }

  @Test
  void waitsForTheEpochThatADatabaseRequires() throws Exception {
    ShardRouter router =
        cluster.router(
            cluster.options().withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(10))));
    long required = cluster.epoch().value() + 1;
    cluster.execute("s1", "select shardwright.raise_minimum_epoch(" + required + ")");
    CompletableFuture<Integer> read =
        Background.supply(
            () -> router.shard("s1").queryOne("select 42", row -> row.getInt(1)).orElseThrow());
    await().until(() -> router.health().pools().toString().contains("epoch " + required));
    cluster.admin.setWeight(ShardId.of("s2"), 50 + (int) required);
    assertThat(read.get(30, TimeUnit.SECONDS)).isEqualTo(42);
  }

  @Test
  void saysWhichEpochADatabaseRequiresIfThereIsNone() throws SQLException {
    cluster.addShard("s4");
    cluster.execute("s4", "select shardwright.raise_minimum_epoch(1000000)");
    ShardRouter router =
        cluster.router(
            cluster.options().withTimeouts(Timeouts.DEFAULTS.withAcquire(Duration.ofSeconds(2))));
    assertThatThrownBy(() -> router.shard("s4").update("never sent"))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageContaining("knows of epoch 1000000");
    cluster.execute("s4", "drop schema shardwright cascade");
    cluster.removeFromTopology("s4");
  }

  @Test
  void closesThePoolOfAShardThatLeaves() throws SQLException {
    ShardRouter router = cluster.router();
    cluster.addShard("s3");
    await().until(() -> router.health().epoch().equals(cluster.epoch()));
    assertThat(router.shard("s3").queryOne("select 1", row -> row.getInt(1))).contains(1);
    OneShard leaving = router.shard("s3");
    cluster.admin.removeShard(ShardId.of("s3"));
    await().until(() -> !router.health().toString().contains("s3"));
    assertThatThrownBy(() -> leaving.update("never sent"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("unknown shard 's3'");
    await()
        .untilAsserted(
            () ->
                assertThat(
                        cluster.count(
                            "s3",
                            "select count(*) from pg_stat_activity where"
                                + " datname = current_database()"
                                + " and application_name like 'shardwright router%'"))
                    .isZero());
  }

  @Test
  void refusesADatabaseThatIsAnotherShard() {
    Shard s1 = cluster.shard("s1");
    ShardRouter router =
        cluster.routerWith(
            topology -> topology.withShard(Shard.of(s1.id(), cluster.shard("s2").primary())));
    assertThatThrownBy(() -> router.shard("s1").update("never sent"))
        .isInstanceOf(ShardUnavailable.class)
        .hasMessageContaining("is the database of " + cluster.name + "/s2")
        .hasMessageContaining("correct the endpoint");
    cluster.routerWith(topology -> topology.withShard(s1));
  }

  private ShardRouter lagging(Timeouts timeouts) {
    return cluster.router(
        toZooKeeper.host() + ":" + toZooKeeper.port(), cluster.options().withTimeouts(timeouts));
  }

  /** A key of s1 that {@link #moveKeys} gives to s2. */
  private long keyThatWillMove(ShardRouter router) {
    return TestCluster.keyOn(router, "s1");
  }

  private void moveKeys() {
    cluster.admin.drainShard(ShardId.of("s1"));
    cluster.admin.layOut("shop");
  }
}

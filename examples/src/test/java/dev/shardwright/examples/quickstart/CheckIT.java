package dev.shardwright.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.ShardRouter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The check of the demo would find what it says is not there. */
class CheckIT {
  private static final Marketplace DATASET = new Marketplace(20);

  private static DemoServers servers;
  private static ShardRouter router;
  private static Ledger ledger;

  @BeforeAll
  static void load() throws Exception {
    servers = DemoServers.start(2);
    servers.createTables(DATASET);
    servers.makeCluster(DATASET);
    router =
        ShardRouter.connect(
            servers.zooKeeper(),
            DemoServers.CLUSTER,
            RouterOptions.DEFAULTS.withCredentials(servers.credentials()));
    ledger = new Ledger();
    DATASET.load(router, ledger);
  }

  @AfterAll
  static void stop() {
    router.close();
    servers.close();
  }

  @Test
  void findsLostRowsLostIncrementsAndDoubledOnes() {
    assertThat(Check.run(router, DATASET, ledger)).matches(r -> r.lost() == 0 && r.doubled() == 0);

    ledger.inserted(DATASET.written(), "1:never-written");
    ledger.counted(2);
    router
        .keyspace(DATASET.keyspace())
        .on(3L)
        .update("update users set purchases = purchases + 2 where user_id = ?", 3L);

    Check.Result result = Check.run(router, DATASET, ledger);
    assertThat(result.lost()).isEqualTo(2);
    assertThat(result.doubled()).isEqualTo(2);
  }

  @Test
  void findsARowOnTheWrongShard() throws Exception {
    ShardId owner = router.route(DATASET.keyspace(), 4L).shard();
    ShardId other =
        servers.ids().stream().filter(id -> !id.equals(owner)).findFirst().orElseThrow();
    try (var connection = servers.server(other).connect(DemoServers.DATABASE);
        var statement = connection.createStatement()) {
      // The guard would refuse the row: only the owner of the table can get around it.
      statement.execute("alter table users disable trigger all");
      statement.execute("insert into users values (4, 'user 4', 'DE')");
      statement.execute("alter table users enable always trigger zz_shardwright_guard");
      try {
        assertThat(Check.run(router, DATASET, ledger).doubled()).isPositive();
      } finally {
        statement.execute("alter table users disable trigger all");
        statement.execute("delete from users where user_id = 4");
        statement.execute("alter table users enable always trigger zz_shardwright_guard");
      }
    }
  }
}

package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls that cannot be right are refused, with what to do instead. */
@ExtendWith(LeakCheckExtension.class)
class WrongCallsIT {
  private static TestCluster cluster;
  private static ShardRouter router;
  private static Keyspace shop;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(2);
    router = cluster.router();
    shop = router.keyspace("shop");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void refusesAnUnknownKeyspaceAndNamesTheKnown() {
    assertThatThrownBy(() -> router.keyspace("shopp"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("shopp")
        .hasMessageContaining("[shop]");
  }

  @Test
  void refusesAnUnknownShardAndNamesTheKnown() {
    assertThatThrownBy(() -> router.shard("s9"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("s9")
        .hasMessageContaining("[s1, s2]");
    assertThatThrownBy(() -> router.shard("No Shard")).isInstanceOf(RouteRefused.class);
  }

  @Test
  void refusesANullKey() {
    assertThatThrownBy(() -> shop.on(null))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("null");
    assertThatThrownBy(() -> shop.onEach(Arrays.asList(1L, null))).isInstanceOf(RouteRefused.class);
    assertThatThrownBy(() -> router.route("shop", null)).isInstanceOf(RouteRefused.class);
  }

  @Test
  void refusesAKeyOfAnotherType() {
    assertThatThrownBy(() -> shop.on("seven").update("never sent"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("shop")
        .hasMessageContaining("bigint")
        .hasMessageContaining("java.lang.String");
    assertThatThrownBy(() -> shop.onEach(List.of(1L, "x")).query("never sent", "user_id", row -> 1))
        .isInstanceOf(RouteRefused.class);
  }

  @Test
  void refusesARegionWhereThereIsNone() {
    assertThatThrownBy(() -> shop.region("eu").on(1).update("never sent"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("no regions");
    assertThatThrownBy(() -> shop.region("No Region")).isInstanceOf(RouteRefused.class);
  }

  @Test
  void refusesToDoWithoutAKeyWhereRowsHaveOne() {
    assertThatThrownBy(() -> shop.single().update("never sent"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("on(key)");
  }

  @Test
  void refusesAWriteToARowOfAnotherKeyThatLivesElsewhere() throws SQLException {
    long here = TestCluster.keyOn(router, "s1");
    long elsewhere = TestCluster.keyOn(router, "s2");
    String insert = "insert into users values (?, 'x')";
    assertThatThrownBy(() -> shop.on(here).update(insert, elsewhere))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("users")
        .hasMessageContaining("say the key of the row");
    assertThatThrownBy(() -> router.shard("s1").update(insert, elsewhere))
        .isInstanceOf(RouteRefused.class);
    assertThat(cluster.count("s1", "select count(*) from users")).isZero();
  }

  @Test
  void refusesRowsOfKeysThatWereNotAskedFor() {
    shop.on(1).update("insert into orders values (1, 77, 1)");
    assertThatThrownBy(
            () ->
                shop.onEach(List.of(1L))
                    .query("select id from orders where user_id = any(?)", "id", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("column id")
        .hasMessageContaining("77");
  }

  @Test
  void refusesRowsOfManyKeysUnderNoKeyOrUnderOneOfAnotherShard() throws SQLException {
    long here = TestCluster.keyOn(router, "s1");
    long elsewhere = TestCluster.keyOn(router, "s2");
    for (long key : List.of(here, elsewhere)) {
      shop.on(key).update("insert into orders values (?, ?, 1)", key, key);
    }
    assertThatThrownBy(() -> ofBoth(here, elsewhere, "null::bigint"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("column k of the result holds null");
    assertThatThrownBy(() -> ofBoth(here, elsewhere, elsewhere + "::bigint"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("column k of the result holds " + elsewhere);
  }

  private void ofBoth(long here, long elsewhere, String key) {
    shop.onEach(List.of(here, elsewhere))
        .query("select %s as k from orders where user_id = any(?)".formatted(key), "k", row -> 1);
  }
}

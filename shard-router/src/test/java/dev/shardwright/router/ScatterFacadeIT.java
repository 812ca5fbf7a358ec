package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.testkit.junit.LeakCheckExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Queries without a key, as a service writes them. */
@ExtendWith(LeakCheckExtension.class)
class ScatterFacadeIT {
  private static final int USERS = 40;

  private static TestCluster cluster;
  private static ShardRouter router;

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    router = cluster.router();
    Keyspace shop = router.keyspace("shop");
    for (long id = 1; id <= USERS; id++) {
      shop.on(id).update("insert into users values (?, ?)", id, "user " + id);
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void givesTheRowsOfAllShardsAsAList() {
    assertThat(router.scatter("select user_id from users order by user_id", row -> row.getLong(1)))
        .isEqualTo(LongStream.rangeClosed(1, USERS).boxed().toList());
    assertThat(
            router.scatter(
                "select user_id from users where user_id > ? order by user_id desc limit ?",
                row -> row.getLong("user_id"),
                10,
                3))
        .containsExactly(40L, 39L, 38L);
    assertThat(router.scatter("select count(*) from users", row -> row.getLong("count")))
        .containsExactly((long) USERS);
  }

  @Test
  void sendsAQueryThatIsAboutOneKeyToItsShardAlone() {
    assertThat(
            router.scatter("select name from users where user_id = ?", row -> row.getString(1), 7))
        .containsExactly("user 7");
    assertThat(router.scatter("select 1 + ?", row -> row.getInt(1), 2)).containsExactly(3);
  }

  @Test
  void handsRowsOverOneAtATime() {
    List<Long> seen = new ArrayList<>();
    router
        .scatter(ScatterOptions.DEFAULTS.withFetchSize(3))
        .forEach(
            "select user_id from users order by user_id",
            row -> {
              assertThat(row.getRow()).isEqualTo(seen.size() + 1);
              seen.add(row.getLong(1));
            });
    assertThat(seen).isEqualTo(LongStream.rangeClosed(1, USERS).boxed().toList());
  }

  @Test
  void refusesWhatIsNoQueryOverShards() {
    assertThatThrownBy(() -> router.scatter("delete from users", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("on(key)");
    assertThatThrownBy(() -> router.scatter("select * from nothing", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("nothing");
    assertThatThrownBy(() -> router.scatter("select name from users limit ?", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("1 parameters");
  }
}

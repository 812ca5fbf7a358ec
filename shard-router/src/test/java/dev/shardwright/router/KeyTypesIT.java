package dev.shardwright.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.junit.LeakCheckExtension;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Keyspaces of every strategy and key type: written by key, read by key, read many at once. */
@ExtendWith(LeakCheckExtension.class)
class KeyTypesIT {
  private static TestCluster cluster;
  private static ShardRouter router;

  @BeforeAll
  static void start() throws SQLException {
    cluster = TestCluster.withShards(2);
    for (String type : List.of("smallint", "integer", "text", "uuid", "timestamptz")) {
      for (String shard : List.of("s1", "s2")) {
        cluster.execute(
            shard,
            "create table by_%1$s (user_id %1$s primary key); grant all on by_%1$s to %2$s"
                .formatted(type, cluster.app));
      }
    }
    cluster.admin.createKeyspace(NewKeyspace.hash("k-smallint", KeyType.SMALLINT));
    cluster.admin.createKeyspace(NewKeyspace.hash("k-integer", KeyType.INTEGER));
    cluster.admin.createKeyspace(NewKeyspace.hash("k-text", KeyType.TEXT));
    cluster.admin.createKeyspace(NewKeyspace.hash("k-uuid", KeyType.UUID));
    cluster.admin.createKeyspace(
        NewKeyspace.range("k-timestamptz", KeyType.TIMESTAMPTZ, List.of("2026-01-01 00:00:00+00")));
    for (String type : List.of("smallint", "integer", "text", "uuid", "timestamptz")) {
      cluster.register("k-" + type, "by_" + type);
    }
    router = cluster.router();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void takesWholeNumbersOfAnyWidth() {
    roundTrip("smallint", List.of((short) -7, 0, 32_767L));
    roundTrip("integer", List.of(-7, 0L, 2_147_483_647L));
  }

  @Test
  void takesTexts() {
    roundTrip("text", List.of("", "a", "Zoë \uD83D\uDE00", "it's \"quoted\", {braced} and \\"));
  }

  @Test
  void refusesTextsThatAreNotUnicode() {
    assertThatThrownBy(() -> router.keyspace("k-text").on("half \uD83D").update("never sent"))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("k-text");
  }

  @Test
  void takesUuids() {
    roundTrip("uuid", List.of(new UUID(0, 0), new UUID(-1, -1), new UUID(1L << 60, 42)));
  }

  @Test
  void takesTimes() {
    roundTrip(
        "timestamptz",
        List.of(
            Instant.parse("2025-12-31T23:59:59.999999Z"),
            Instant.parse("2026-01-01T00:00:00Z"),
            OffsetDateTime.of(12_026, 1, 1, 0, 0, 0, 0, ZoneOffset.ofHours(2)),
            OffsetDateTime.of(-43, 3, 15, 12, 0, 0, 0, ZoneOffset.UTC),
            OffsetDateTime.MAX,
            OffsetDateTime.MIN));
  }

  @Test
  void countsOneKeyOnceWhateverItsJavaType() {
    var rows =
        router
            .keyspace("k-integer")
            .onEach(List.<Number>of(99, 99L, (short) 99))
            .query("select user_id from by_integer where user_id = any(?)", "user_id", row -> 1);
    assertThat(rows.keySet()).hasSize(1);
  }

  @Test
  void keepsPlainTablesOnOneShard() throws SQLException {
    cluster.execute("s2", "create table settings (name text primary key)");
    cluster.execute("s2", "grant all on settings to " + cluster.app);
    cluster.admin.createKeyspace(NewKeyspace.single("plain", ShardId.of("s2")));
    cluster.admin.registerTable(
        "plain",
        new ShardedTable(new TableName("public", "settings"), Optional.empty(), Optional.empty()));
    ShardRouter fresh = cluster.router();
    fresh.keyspace("plain").single().update("insert into settings values ('x')");
    assertThat(cluster.count("s2", "select count(*) from settings")).isEqualTo(1);
    assertThatThrownBy(
            () -> fresh.keyspace("plain").onEach(List.of(1)).query("never", "x", row -> 1))
        .isInstanceOf(RouteRefused.class)
        .hasMessageContaining("single()");
  }

  @Test
  void keepsTheRowsOfARegionThere() throws SQLException {
    try (TestCluster regional = TestCluster.empty()) {
      regional.addShard("s1", Region.of("eu"));
      regional.addShard("s2", Region.of("us"));
      for (String shard : List.of("s1", "s2")) {
        regional.execute(
            shard,
            "create table people (region text, user_id bigint, primary key (region, user_id));"
                + " grant all on people to "
                + regional.app);
      }
      regional.admin.createKeyspace(
          NewKeyspace.hash("people", KeyType.BIGINT)
              .withRegions(List.of(Region.of("eu"), Region.of("us"))));
      regional.admin.registerTable(
          "people",
          new ShardedTable(
              new TableName("public", "people"), Optional.of("user_id"), Optional.of("region")));
      Keyspace people = regional.router().keyspace("people");
      people.region("eu").on(1).update("insert into people values ('eu', 1)");
      people.region("us").on(1).update("insert into people values ('us', 1)");
      assertThat(regional.count("s1", "select count(*) from people")).isEqualTo(1);
      assertThat(regional.count("s2", "select count(*) from people")).isEqualTo(1);
      assertThatThrownBy(() -> people.on(1).update("never sent"))
          .isInstanceOf(RouteRefused.class)
          .hasMessageContaining("[eu, us]")
          .hasMessageContaining("region(…)");
      assertThatThrownBy(() -> people.region("asia").on(1).update("never sent"))
          .isInstanceOf(RouteRefused.class)
          .hasMessageContaining("asia");
    }
  }

  /** Writes rows of these keys and reads them back, one by one and all at once. */
  private static void roundTrip(String type, List<?> keys) {
    Keyspace keyspace = router.keyspace("k-" + type);
    for (Object key : keys) {
      keyspace.on(key).update("insert into by_%s values (?)".formatted(type), key);
      assertThat(
              keyspace
                  .on(key)
                  .queryOne(
                      "select 1 from by_%s where user_id = ?".formatted(type),
                      row -> row.getInt(1),
                      key))
          .as("%s", key)
          .contains(1);
    }
    var found =
        keyspace
            .onEach(keys)
            .query(
                "select user_id from by_%s where user_id = any(?)".formatted(type),
                "user_id",
                row -> row.getString(1));
    assertThat(new ArrayList<Object>(found.keySet())).isEqualTo(keys);
    assertThat(found.values()).allSatisfy(rows -> assertThat(rows).hasSize(1));
  }
}

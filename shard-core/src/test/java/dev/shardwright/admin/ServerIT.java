package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.ring.ShardId;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.topology.Endpoint;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server and its database must be like to become a shard. */
class ServerIT {
  private static final String ICU = "locale_provider icu icu_locale";

  @Test
  void refusesADatabaseOfAnotherEncoding() throws SQLException {
    try (TestCluster cluster = TestCluster.of("")) {
      Shard shard = database("latin", "s1", "encoding 'LATIN1' locale 'C'");
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("its encoding is LATIN1")
          .hasMessageContaining("UTF8");
    } finally {
      drop("latin");
    }
  }

  /** A function of another answer stands in for another server. */
  @ParameterizedTest
  @CsvSource({
    "current_setting(text), text, 140020::text, PostgreSQL 140020: version 15 or newer",
    "pg_is_in_recovery(), boolean, true, it is a standby: name its primary",
  })
  void refusesAnOldServerAndAStandby(String function, String type, String answer, String why)
      throws SQLException {
    try (TestCluster cluster = TestCluster.of("")) {
      Shard shard = database("other_server", "s1", "");
      replace("other_server", function, type, answer);
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining(why);
    } finally {
      drop("other_server");
    }
  }

  /** A function of another machine's making stands in for the machine. */
  @ParameterizedTest
  @CsvSource({
    "'hashint8extended(int8, int8)', int8, HASH token of smallint '1'",
    "'hashtextextended(text, int8)', int8, HASH token of text ''",
    "'uuid_hash_extended(uuid, int8)', int8, HASH token of uuid '01234567-89ab-cdef-0123-456789abcdef'",
    "'extract(text, interval)', numeric, RANGE token of timestamptz '1969-12-31T23:59:59.999999Z'",
  })
  void refusesAServerThatComputesOtherTokens(String function, String type, String token)
      throws SQLException {
    try (TestCluster cluster = TestCluster.of("")) {
      Shard shard = database("big_endian", "s1", "");
      replace("big_endian", function, type, "5::" + type);
      assertThatThrownBy(() -> cluster.admin.addShard(shard))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining(token)
          .hasMessageContaining("little-endian");
      assertThat(cluster.admin.topology().shards()).isEmpty();
    } finally {
      drop("big_endian");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "locale 'C' ICU 'de', locale 'C', locale provider: on shard s1: icu; on shard s2: libc",
    "locale 'C', locale 'C' ICU 'de', locale provider: on shard s1: libc; on shard s2: icu",
    "locale 'C' ICU 'en', locale 'C' ICU 'de', locale: on shard s1: en; on shard s2: de",
  })
  void refusesADatabaseThatSortsOtherwise(String model, String settings, String difference)
      throws SQLException {
    try (TestCluster cluster = TestCluster.of("")) {
      cluster.admin.addShard(database("model_order", "s1", model.replace("ICU", ICU)));
      Shard shard = database("other_order", "s2", settings.replace("ICU", ICU));
      assertRefused(cluster, shard, difference);

      cluster.admin.addShard(database("same_order", "s2", model.replace("ICU", ICU)));
    } finally {
      drop("model_order", "other_order", "same_order");
    }
  }

  /** A function that names another version stands in for another release of the library. */
  @Test
  void refusesAnotherVersionOfTheCollation() throws SQLException {
    String settings = "locale 'C' " + ICU + " 'de'";
    try (TestCluster cluster = TestCluster.of("")) {
      cluster.admin.addShard(database("model_order", "s1", settings));
      Shard shard = database("other_order", "s2", settings);
      replace(
          "other_order", "pg_database_collation_actual_version(oid)", "text", "'another'::text");
      assertRefused(cluster, shard, "; on shard s2: another");
    } finally {
      drop("model_order", "other_order");
    }
  }

  @Test
  void theCheckOfAShardFindsThatItSortsOtherwiseByNow() throws SQLException {
    String settings = "locale 'C' " + ICU + " 'de'";
    try (TestCluster cluster = TestCluster.of("")) {
      cluster.admin.addShard(database("model_order", "s1", settings));
      cluster.admin.addShard(database("other_order", "s2", settings));
      ShardId second = ShardId.of("s2");
      cluster.admin.checkShard(second);
      replace(
          "other_order", "pg_database_collation_actual_version(oid)", "text", "'another'::text");
      assertThatThrownBy(() -> cluster.admin.checkShard(second))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("; on shard s2: another");
    } finally {
      drop("model_order", "other_order");
    }
  }

  @Test
  void aShardMovesToNoServerThatCouldNotBeAdded() throws SQLException {
    String settings = "locale 'C' " + ICU + " 'de'";
    try (TestCluster cluster = TestCluster.of("")) {
      cluster.admin.addShard(database("model_order", "s1", settings));
      Shard second = database("other_order", "s2", settings);
      cluster.admin.addShard(second);
      Endpoint elsewhere = new Endpoint(second.primary().url() + "?tcpKeepAlive=true", "app");
      Shard first = cluster.admin.topology().shard(ShardId.of("s1")).orElseThrow();
      replace("model_order", "hashint8extended(int8, int8)", "int8", "5::int8");
      assertThatThrownBy(() -> cluster.admin.setPrimary(first.id(), first.primary()))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("HASH token of smallint");
      replace(
          "other_order", "pg_database_collation_actual_version(oid)", "text", "'another'::text");
      assertThatThrownBy(() -> cluster.admin.setPrimary(second.id(), elsewhere))
          .isInstanceOf(ChangeRefused.class)
          .hasMessageContaining("; on shard s2: another");
    } finally {
      drop("model_order", "other_order");
    }
  }

  /** The first shard is what the others are compared with. */
  @Test
  void theCheckOfAShardDoesNotBlameItForAnotherThatIsDown() throws SQLException {
    try (TestCluster cluster = TestCluster.of("", "s1", "s2")) {
      Topology topology = cluster.admin.topology();
      Shard down =
          topology
              .shard(ShardId.of("s1"))
              .orElseThrow()
              .withPrimary(new Endpoint("jdbc:postgresql://127.0.0.1:1/none", "app"));
      cluster.store.compareAndSet(topology.next().withShard(down));
      cluster.admin.checkShard(ShardId.of("s2"));
      assertThatThrownBy(() -> cluster.admin.checkShard(down.id()))
          .isInstanceOf(ChangeFailed.class)
          .hasMessageContaining("shard s1");
    }
  }

  private static void assertRefused(TestCluster cluster, Shard shard, String difference) {
    assertThatThrownBy(() -> cluster.admin.addShard(shard))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining("compares text otherwise than shard s1")
        .hasMessageContaining("create it from template0")
        .hasMessageContaining(difference);
    assertThat(cluster.admin.topology().shards()).containsOnlyKeys(ShardId.of("s1"));
  }

  private static Shard database(String name, String shard, String settings) throws SQLException {
    PostgresServer server = TestCluster.server();
    server.execute(
        "create database %s owner admin template template0 %s".formatted(name, settings));
    return Shard.of(ShardId.of(shard), new Endpoint(server.url(name), "app"));
  }

  /** Puts another function in the place of one of PostgreSQL's own, in that database only. */
  private static void replace(String database, String function, String type, String answer)
      throws SQLException {
    try (Connection connection = TestCluster.server().connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("alter function pg_catalog.%s rename to hidden".formatted(function));
      statement.execute(
          "create function pg_catalog.%s returns %s immutable language sql as $$select %s$$"
              .formatted(function, type, answer));
    }
  }

  private static void drop(String... databases) throws SQLException {
    for (String database : databases) {
      TestCluster.server().execute("drop database if exists " + database);
    }
  }
}

package dev.shardwright.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitKeysIT {
  private static final TableName T = TableName.of("t");

  private final TestCluster cluster = new TestCluster();

  @BeforeEach
  void setUp() {
    cluster.admin.init();
  }

  @AfterEach
  void close() throws SQLException {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({
    "SMALLINT, smallint, x - 500",
    "INTEGER, integer, x * x * 2 - 1000",
    "BIGINT, bigint, x * x * x * 9000000000 - 9000000000",
    "TIMESTAMPTZ, timestamptz, timestamptz '0044-03-15 12:00:00+00 BC' + x * x * interval '1 day'",
    "TIMESTAMPTZ, timestamptz, timestamptz '9999-01-01 00:00:00+00' + x * interval '1 day 1 us'",
  })
  void splitsEvenlyForEveryTypeOfKey(KeyType type, String sqlType, String key) throws SQLException {
    Shard shard =
        table(
            "create table public.t (k %s); insert into t select %s from generate_series(1, 1000) x"
                .formatted(sqlType, key));
    List<String> keys = cluster.admin.sampleSplitKeys(shard, T, "k", 8);
    assertThat(rowsOfRanges(shard, keys, type)).isEqualTo(Collections.nCopies(8, 125L));
  }

  /** One key has a third of the rows; the others are dense at the lower end. */
  @Test
  void givesNoRangeMoreThanAShareAndTheRowsOfOneKey() throws SQLException {
    Shard shard =
        table(
            "create table public.t (k bigint); insert into t select x::int8 * x * x / 1000 from"
                + " generate_series(1, 2000) x;"
                + " insert into t select 77 from generate_series(1, 1000)");
    List<String> keys = cluster.admin.sampleSplitKeys(shard, T, "k", 10);
    assertThat(keys).hasSizeBetween(6, 9).contains("77");
    List<Long> rows = rowsOfRanges(shard, keys, KeyType.BIGINT);
    assertThat(rows).allMatch(n -> n > 0);
    assertThat(rows.stream().filter(n -> n > 300)).hasSize(1).allMatch(n -> n <= 300 + 1_000);
  }

  @Test
  void startsARangeAtTheEndsOfTime() throws SQLException {
    Shard shard =
        table(
            "create table public.t (k timestamptz); insert into t values ('-infinity'),"
                + " ('-infinity'), ('2026-01-01 00:00:00.000001+00'), ('infinity'), ('infinity')");
    assertThat(cluster.admin.sampleSplitKeys(shard, T, "k", 3))
        .containsExactly("2026-01-01T00:00:00.000001Z", "infinity");
  }

  /** The worst case for a sample of pages: neighbours on disk are neighbours in the order. */
  @Test
  void readsABoundedPartOfALargeTable() throws SQLException {
    int ranges = 8;
    Shard shard =
        table(
            "create table public.t (k bigint, filler text) with (fillfactor = 10,"
                + " autovacuum_enabled = false);"
                + " insert into t select x::int8 * x, 'some bytes more' from"
                + " generate_series(1, 200000) x");
    assertThat(number("select pg_relation_size('t') / 8192"))
        .isGreaterThan(3L * SplitKeys.PAGES_PER_RANGE * ranges);
    cluster.asAdmin("s1", "select pg_stat_force_next_flush()");
    long before = pagesRead();

    List<String> keys = cluster.admin.sampleSplitKeys(shard, T, "k", ranges);
    // What a session has read is told in parts.
    await()
        .untilAsserted(
            () ->
                assertThat(pagesRead() - before)
                    .isBetween(
                        (long) (0.8 * SplitKeys.PAGES_PER_RANGE * ranges),
                        (long) (1.2 * SplitKeys.PAGES_PER_RANGE * ranges)));
    assertThat(rowsOfRanges(shard, keys, KeyType.BIGINT))
        .hasSize(ranges)
        .allSatisfy(n -> assertThat(n).isBetween(20_000L, 30_000L));
    assertThat(cluster.admin.sampleSplitKeys(shard, T, "k", ranges)).isEqualTo(keys);
  }

  @Test
  void readsPartitionsAndAnyName() throws SQLException {
    Shard shard =
        table(
            "create schema \"Sch\"\"ema\"; create table \"Sch\"\"ema\".\"T'able\" (\"Key \"\"K\""
                + " bigint) partition by range (\"Key \"\"K\");"
                + " create table public.low partition of \"Sch\"\"ema\".\"T'able\" for values from"
                + " (0) to (50);"
                + " create table public.high partition of \"Sch\"\"ema\".\"T'able\" for"
                + " values from (50) to (101);"
                + " insert into \"Sch\"\"ema\".\"T'able\" select generate_series(1, 100)");
    assertThat(
            cluster.admin.sampleSplitKeys(shard, new TableName("Sch\"ema", "T'able"), "Key \"K", 4))
        .containsExactly("26", "51", "76");
  }

  @Test
  void refusesWhatGivesNoKeys() throws SQLException {
    Shard shard =
        table(
            "create table public.t (k bigint, c text, few int); create table public.empty (k int);"
                + " create view public.v as select 1 as k;"
                + " insert into t select null, 'c', x % 3 from generate_series(1, 100) x");
    refuses(shard, T, "k", 2, "the column is null in all rows");
    refuses(shard, T, "few", 4, "3 different keys, too few for 4 ranges");
    refuses(shard, T, "c", 2, "the column has type text; keys of strategy RANGE are smallint");
    refuses(shard, T, "none", 2, "it has no such column; its columns are k, c, few");
    refuses(shard, TableName.of("empty"), "k", 2, "it has no rows");
    refuses(shard, TableName.of("v"), "k", 2, "it is no table");
    refuses(shard, TableName.of("none"), "k", 2, "there is no such table");
    for (int ranges : new int[] {1, 257}) {
      assertThatThrownBy(() -> cluster.admin.sampleSplitKeys(shard, T, "few", ranges))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(ranges + " ranges are not within 2 to 256");
    }
    assertThat(cluster.admin.sampleSplitKeys(shard, T, "few", 3)).containsExactly("1", "2");
  }

  private void refuses(Shard shard, TableName table, String column, int ranges, String why) {
    assertThatThrownBy(() -> cluster.admin.sampleSplitKeys(shard, table, column, ranges))
        .isInstanceOf(ChangeRefused.class)
        .hasMessageContaining(
            "split keys cannot be sampled from column %s of table %s on shard s1: "
                .formatted(column, table))
        .hasMessageContaining(why);
  }

  /** How many rows each range has that {@link NewKeyspace#range} makes of the keys. */
  private List<Long> rowsOfRanges(Shard shard, List<String> keys, KeyType type)
      throws SQLException {
    cluster.admin.addShard(shard);
    cluster.admin.createKeyspace(NewKeyspace.range("ks", type, keys));
    TokenFunction tokens = TokenFunctions.of(Strategy.RANGE, Optional.of(type));
    KeyspaceTopology keyspace = cluster.admin.topology().keyspace("ks").orElseThrow();
    List<Long> rows = new ArrayList<>();
    for (VirtualNode range : keyspace.placement(Region.ALL).ring().virtualNodes()) {
      String condition = tokens.sqlCondition("k", KeyRangeSet.of(range.range()));
      rows.add(number("select count(*) from t where " + condition));
    }
    return rows;
  }

  private Shard table(String ddl) throws SQLException {
    return cluster.database("s1", ddl);
  }

  private long pagesRead() throws SQLException {
    return number(
        "select heap_blks_read + heap_blks_hit from pg_statio_user_tables where relname = 't'");
  }

  private long number(String query) throws SQLException {
    return Long.parseLong(cluster.query("s1", query).get(0));
  }
}

package dev.shardwright.rebalance.internal.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.HeavyKey;
import dev.shardwright.rebalance.plan.RingContent;
import dev.shardwright.rebalance.plan.RingId;
import dev.shardwright.rebalance.plan.Skew;
import dev.shardwright.rebalance.plan.Volume;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Pin;
import dev.shardwright.ring.Pins;
import dev.shardwright.ring.Placement;
import dev.shardwright.ring.PlacementByTokens;
import dev.shardwright.ring.RangeRing;
import dev.shardwright.ring.ShardId;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.VirtualNode;
import dev.shardwright.topology.KeyspaceTopology;
import dev.shardwright.topology.Region;
import dev.shardwright.topology.Shard;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import dev.shardwright.topology.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RingSamplerIT {
  private static final ShardId A = ShardId.of("a");
  private static final ShardId B = ShardId.of("b");
  private static final RingId SHOP = new RingId("shop", Region.ALL);
  private static final String TABLES =
      """
      create table "or""ders" (id int8, "Key" int8, note text, primary key ("Key", id));
      create table notes (k int8 primary key, text text)
      """;

  private final TestShards shards = new TestShards();
  private final RingSampler sampler = new RingSampler(shards, SampleOptions.DEFAULTS);

  @AfterEach
  void close() throws SQLException {
    shards.close();
  }

  @Test
  void countsRowsAndBytesOfEachVirtualNodeAndPinWhereTheyBelong() throws SQLException {
    KeyspaceTopology keyspace = shop();
    TokenFunction tokens = keyspace.tokenFunction();
    long pinned = tokens.tokenOf(7L);
    Placement ring = keyspace.placement(Region.ALL);
    ShardId holder = ring.ownerOf(pinned).equals(A) ? B : A;
    Placement placement =
        new Placement(ring.ring(), Pins.of(List.of(new Pin("7", pinned, holder))));
    keyspace = keyspace.withPlacement(Region.ALL, placement);
    Topology topology =
        Topology.INITIAL
            .withShard(shards.add("a", TABLES))
            .withShard(shards.add("b", TABLES))
            .withKeyspace(keyspace);
    for (ShardId shard : List.of(A, B)) {
      String here = tokens.sqlCondition("k", placement.rangesOf(shard));
      shards.execute(
          shard,
          "insert into \"or\"\"ders\" select i, i / 5, repeat('x', 100)"
              + " from generate_series(0, 4999) i, lateral (select i / 5 as k) s where "
              + here);
      shards.execute(
          shard,
          "insert into \"or\"\"ders\" select i, 42, 'heavy' from generate_series(10000, 11999) i,"
              + " lateral (select 42::int8 as k) s where "
              + here);
      shards.execute(
          shard, "insert into notes select k, 'n' from generate_series(0, 999) k where " + here);
    }
    // A copy that a range move has left behind: the rows of one virtual node on the other shard.
    VirtualNode copied = placement.ring().virtualNode(0);
    ShardId other = copied.owner().equals(A) ? B : A;
    shards.execute(
        other,
        "insert into notes select k, 'n' from generate_series(0, 999) k where "
            + tokens.sqlCondition("k", KeyRangeSet.of(copied.range()))
            + " on conflict do nothing");

    RingContent content = sampler.sample(topology, SHOP);

    assertThat(content.total().rows()).isEqualTo(5_000 + 2_000 + 1_000);
    for (int i = 0; i < placement.ring().size(); i++) {
      VirtualNode node = placement.ring().virtualNode(i);
      KeyRangeSet own = KeyRangeSet.of(node.range()).intersection(placement.rangesOf(node.owner()));
      long rows =
          shards.number(
                  node.owner(),
                  "select count(*) from \"or\"\"ders\" where "
                      + tokens.sqlCondition("\"Key\"", own))
              + shards.number(
                  node.owner(),
                  "select count(*) from notes where " + tokens.sqlCondition("k", own));
      assertThat(content.virtualNodes().get(i).rows()).as("virtual node %s", i).isEqualTo(rows);
    }
    assertThat(content.pinned().get(pinned)).extracting(Volume::rows).isEqualTo(6L);
    long bytes = 0;
    for (ShardId shard : List.of(A, B)) {
      for (String table : List.of("or\"\"ders", "notes")) {
        bytes += shards.number(shard, "select pg_total_relation_size('\"" + table + "\"')");
      }
    }
    assertThat(content.total().bytes()).isBetween(bytes * 8 / 10, bytes);
    assertThat(content.heavyKeys()).extracting(HeavyKey::key).containsExactly("42");
    HeavyKey heavy = content.heavyKeys().get(0);
    assertThat(heavy.token()).isEqualTo(tokens.tokenOf(42L));
    assertThat(heavy.volume().rows()).isEqualTo(2_005);
    assertThat(content.virtualNodes().get(placement.ring().indexOf(heavy.token())).bytes())
        .isGreaterThan(heavy.volume().bytes());
    assertThat(Skew.of(content, Goal.ROWS, Map.of(A, 100, B, 100)).maxOverAverage())
        .isGreaterThan(1.1);
  }

  @Test
  void readsABoundedPartOfALargeTableAndTakesItsSizeFromTheStatistics() throws SQLException {
    KeyspaceTopology keyspace = shop();
    keyspace =
        keyspace.withPlacement(
            Region.ALL, Placement.of(PlacementByTokens.layOut(Map.of(A, 100), 8)));
    Topology topology = Topology.INITIAL.withShard(shards.add("a", TABLES)).withKeyspace(keyspace);
    shards.execute(
        A,
        """
        insert into "or""ders"
          select i, case when i % 10 = 0 then 42 else i end, repeat('x', 100)
          from generate_series(1, 100000) i;
        analyze "or""ders"
        """);
    RingSampler small =
        new RingSampler(shards, new SampleOptions(200, Duration.ofSeconds(30), 0.005));

    // Sessions report what they read and wrote when they end, soon after they were closed.
    await().untilAsserted(() -> assertThat(told("n_tup_ins")).isEqualTo(100_000));
    shards.execute(A, "select pg_stat_reset()");
    RingContent content = small.sample(topology, SHOP);
    await().untilAsserted(() -> assertThat(pagesRead()).isBetween(200L, 800L));

    assertThat(content.total().rows()).isCloseTo(100_000, within(2_000L));
    assertThat(content.heavyKeys()).extracting(HeavyKey::key).containsExactly("42");
    assertThat(content.heavyKeys().get(0).volume().rows()).isCloseTo(10_000, within(2_000L));
    assertThat(content.virtualNodes())
        .allSatisfy(node -> assertThat(node.rows()).isBetween(8_000L, 26_000L));
    long pages = shards.number(A, "select pg_relation_size('\"or\"\"ders\"') / 8192");
    assertThat(pages).isGreaterThan(1_500);
    assertThat(small.sample(topology, SHOP)).as("the same again").isEqualTo(content);
  }

  @Test
  void takesPartitionsTogetherAndOnlyTheRegionOfTheRing() throws SQLException {
    String ddl =
        """
        create table events (region text, k text, primary key (region, k)) partition by list (region);
        create table events_eu partition of events for values in ('eu');
        create table events_rest partition of events default;
        insert into events select 'eu', 'key ' || i from generate_series(1, 300) i;
        insert into events select 'us', 'key ' || i from generate_series(1, 200) i
        """;
    Region eu = Region.of("eu");
    Shard shard = shards.add("a", ddl).withRegion(eu);
    Placement placement = Placement.of(PlacementByTokens.layOut(Map.of(A, 100), 4));
    ShardedTable table =
        new ShardedTable(TableName.of("events"), Optional.of("k"), Optional.of("region"));
    KeyspaceTopology keyspace =
        new KeyspaceTopology(
            "shop",
            Strategy.HASH,
            Optional.of(KeyType.TEXT),
            4,
            new TreeSet<>(List.of(eu)),
            new TreeMap<>(Map.of(table.name(), table)),
            new TreeMap<>(Map.of(eu, placement)));
    Topology topology = Topology.INITIAL.withShard(shard).withKeyspace(keyspace);
    RingContent content = sampler.sample(topology, new RingId("shop", eu));
    assertThat(content.total().rows()).isEqualTo(300);
    assertThat(content.virtualNodes()).allSatisfy(node -> assertThat(node.rows()).isPositive());
  }

  @Test
  void knowsRangesOfTimeAndTablesWithoutKeys() throws SQLException {
    String ddl =
        """
        create table log (at timestamptz, id int8, primary key (at, id));
        create table plain (id int8);
        insert into log select '2026-01-01 00:00:00+00'::timestamptz + i * interval '1 hour', i
          from generate_series(0, 99) i;
        insert into log select '2026-01-02 00:00:00+00', i from generate_series(100, 199) i;
        insert into plain select generate_series(1, 50);
        analyze plain
        """;
    TokenFunction tokens = keyspace("log", Strategy.RANGE, ring()).tokenFunction();
    long point = tokens.tokenOf(tokens.parse("2026-01-02T00:00:00Z"));
    Placement placement = Placement.of(PlacementByTokens.splitAt(List.of(point), Map.of(A, 100)));
    Topology topology =
        Topology.INITIAL
            .withShard(shards.add("a", ddl))
            .withKeyspace(keyspace("log", Strategy.RANGE, placement))
            .withKeyspace(keyspace("plain", Strategy.SINGLE, ring()));
    RingContent log = sampler.sample(topology, new RingId("log", Region.ALL));
    assertThat(log.virtualNodes()).extracting(Volume::rows).containsExactly(24L, 176L);
    assertThat(log.heavyKeys()).extracting(HeavyKey::key).containsExactly("2026-01-02 00:00:00+00");
    RingContent plain = sampler.sample(topology, new RingId("plain", Region.ALL));
    assertThat(plain.total().rows()).isEqualTo(50);
    assertThat(plain.total().bytes())
        .isEqualTo(shards.number(A, "select pg_total_relation_size('plain')"));
  }

  @Test
  void anEmptyTableHasNothing() throws SQLException {
    Topology topology =
        Topology.INITIAL
            .withShard(shards.add("a", TABLES))
            .withShard(shards.add("b", TABLES))
            .withKeyspace(shop());
    assertThat(sampler.sample(topology, SHOP).total()).isEqualTo(Volume.NONE);
  }

  @Test
  void givesUpInTimeAndNamesShardAndTable() throws SQLException {
    Topology topology =
        Topology.INITIAL
            .withShard(shards.add("a", TABLES))
            .withShard(shards.add("b", TABLES))
            .withKeyspace(shop());
    RingSampler hasty =
        new RingSampler(shards, new SampleOptions(200, Duration.ofSeconds(2), 0.005));
    try (Connection locking = shards.open(topology.shard(B).orElseThrow());
        Statement statement = locking.createStatement()) {
      locking.setAutoCommit(false);
      statement.execute("lock table notes in access exclusive mode");
      assertThatThrownBy(() -> hasty.sample(topology, SHOP))
          .isInstanceOf(SamplingFailed.class)
          .hasMessageContaining("sampling table public.notes on shard b failed")
          .hasMessageContaining("timeout");
      locking.rollback();
    }
    assertThatThrownBy(() -> sampler.sample(topology, new RingId("no", Region.ALL)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Pages of the table that were asked for, in memory or not. */
  private long pagesRead() throws SQLException {
    return told("pg_stat_get_blocks_fetched(relid)");
  }

  private long told(String counter) throws SQLException {
    return shards.number(
        A,
        """
        select coalesce(sum(%s), 0) from pg_stat_user_tables where relname = 'or"ders'
        """
            .formatted(counter));
  }

  private static Placement ring() {
    return Placement.of(RangeRing.ownedBy(A));
  }

  /** Two tables over two shards. */
  private static KeyspaceTopology shop() {
    ShardedTable orders = ShardedTable.of(TableName.of("or\"ders"), "Key");
    ShardedTable notes = ShardedTable.of(TableName.of("notes"), "k");
    SortedMap<TableName, ShardedTable> tables = new TreeMap<>();
    tables.put(orders.name(), orders);
    tables.put(notes.name(), notes);
    Placement placement = Placement.of(PlacementByTokens.layOut(Map.of(A, 100, B, 100), 8));
    return new KeyspaceTopology(
        "shop",
        Strategy.HASH,
        Optional.of(KeyType.BIGINT),
        8,
        new TreeSet<>(),
        tables,
        new TreeMap<>(Map.of(Region.ALL, placement)));
  }

  private static KeyspaceTopology keyspace(String name, Strategy strategy, Placement placement) {
    Optional<String> key = strategy == Strategy.SINGLE ? Optional.empty() : Optional.of("at");
    ShardedTable table = new ShardedTable(TableName.of(name), key, Optional.empty());
    return new KeyspaceTopology(
        name,
        strategy,
        key.map(column -> KeyType.TIMESTAMPTZ),
        1,
        new TreeSet<>(),
        new TreeMap<>(Map.of(table.name(), table)),
        new TreeMap<>(Map.of(Region.ALL, placement)));
  }
}

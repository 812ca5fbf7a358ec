package dev.shardwright.bench.moves;

import static dev.shardwright.bench.moves.ServedCluster.ACCOUNTS;
import static dev.shardwright.bench.moves.ServedCluster.COUNT_UP;
import static dev.shardwright.bench.moves.ServedCluster.MONEY;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Maps;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.ShardRouter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * All that a service does, over and over, through two routers and a JDBC URL: each of its
 * statements succeeds, and its answer is one that a single database could have given.
 */
final class Traffic implements AutoCloseable {
  private static final String MOVE_MONEY =
      "update purse set amount = amount + ? where account = ? and n = ?";

  /** Long enough that the loops leave processors to the mover. */
  private static final long OFTEN = 10;

  /** Each of these changes all rows. */
  private static final long RARELY = 100;

  private final ServedCluster cluster;
  private final ShardRouter first;
  private final ShardRouter second;
  private final Versions versions = new Versions(ACCOUNTS);
  private final AtomicLong ticksBegun = new AtomicLong();
  private final AtomicLong ticks = new AtomicLong();
  final Loops loops;

  Traffic(ServedCluster cluster, long seed) {
    this.cluster = cluster;
    this.first = cluster.router();
    this.second = cluster.router();
    this.loops = new Loops(seed);
    loops.begin("keyed-writes", OFTEN, this::writeByKey);
    loops.begin("keyed-transactions", OFTEN, this::transferByKey);
    loops.begin("keyed-reads", OFTEN, this::readByKey);
    loops.begin("many-keys", OFTEN, this::readManyKeys);
    loops.begin("scatter", OFTEN, this::readAll);
    loops.begin("jdbc-writes", OFTEN, this::writeByJdbc);
    loops.begin("jdbc-transactions", OFTEN, this::transferByJdbc);
    loops.begin("jdbc-reads", OFTEN, this::readByJdbc);
    loops.begin("ticks", RARELY, this::tickAll);
  }

  private void writeByKey(Random random) throws Exception {
    long key = key(random);
    versions.count(key, () -> assertThat(bank(first).on(key).update(COUNT_UP, key)).isEqualTo(1));
  }

  private void transferByKey(Random random) {
    long key = key(random);
    int amount = random.nextInt(20) - 10;
    bank(second).on(key).useTransaction(connection -> transfer(connection, key, amount));
  }

  private void readByKey(Random random) throws Exception {
    long key = key(random);
    versions.read(
        key,
        () ->
            bank(second)
                .on(key)
                .queryOne("select version from account where id = ?", row -> row.getLong(1), key)
                .orElseThrow());
  }

  private void readManyKeys(Random random) throws Exception {
    List<Long> keys = random.longs(20, 1, ACCOUNTS + 1).distinct().boxed().toList();
    versions.readMany(
        keys,
        () -> {
          Map<Long, List<Long>> found =
              bank(first)
                  .onEach(keys)
                  .query(
                      "select id, version from account where id = any(?)",
                      "id",
                      row -> row.getLong("version"));
          assertThat(found.values()).allSatisfy(rows -> assertThat(rows).hasSize(1));
          return Maps.transformValues(found, rows -> rows.get(0));
        });
  }

  private void readAll(Random random) throws Exception {
    assertThat(one("select count(*) from account")).isEqualTo(ACCOUNTS);
    assertThat(one("select sum(amount) from purse")).isEqualTo(ACCOUNTS * MONEY);
    assertThat(
            first.scatter(
                "select account from purse group by account having sum(amount) <> 200 or count(*) <> 2",
                row -> row.getLong(1)))
        .isEmpty();
    versions.readSum(() -> one("select sum(version) from account"));
    int from = random.nextInt(ACCOUNTS - 20);
    versions.readMany(
        LongStream.rangeClosed(from + 1, from + 20).boxed().toList(),
        () ->
            second
                .scatter(
                    "select id, version from account where id > ? order by id limit 20",
                    row -> Map.entry(row.getLong(1), row.getLong(2)),
                    from)
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    assertThat(
            second.scatter(
                "select id % 10, count(*) from account group by id % 10", row -> row.getLong(2)))
        .hasSize(10)
        .containsOnly(ACCOUNTS / 10L);
    long least = ticks.get();
    List<List<Long>> spans =
        first.scatter(
            "select min(n), max(n), count(*) from tick",
            row -> List.of(row.getLong(1), row.getLong(2), row.getLong(3)));
    assertThat(spans.get(0).get(0)).isGreaterThanOrEqualTo(least);
    assertThat(spans.get(0).get(1)).isLessThanOrEqualTo(ticksBegun.get());
    assertThat(spans.get(0).get(2)).isEqualTo(ACCOUNTS);
  }

  private void writeByJdbc(Random random) throws Exception {
    long key = key(random);
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(COUNT_UP)) {
      statement.setLong(1, key);
      versions.count(key, () -> assertThat(statement.executeUpdate()).isEqualTo(1));
    }
  }

  private void transferByJdbc(Random random) throws SQLException {
    long key = key(random);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      transfer(connection, key, random.nextInt(20) - 10);
      connection.commit();
    }
  }

  private void readByJdbc(Random random) throws Exception {
    long one = key(random);
    long other = one % ACCOUNTS + 1;
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      versions.read(one, () -> only(statement, "select version from account where id = " + one));
      assertThat(
              only(
                  statement,
                  "select count(*) from account where id in (%d, %d)".formatted(one, other)))
          .isEqualTo(2);
      assertThat(only(statement, "select sum(amount) from purse where account = " + one))
          .isEqualTo(MONEY);
    }
  }

  private void tickAll(Random random) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      ticksBegun.incrementAndGet();
      assertThat(statement.executeUpdate("update tick set n = n + 1")).isEqualTo(ACCOUNTS);
      ticks.incrementAndGet();
    }
  }

  /** All that was acknowledged is there once; call after the loops have ended. */
  void check() throws SQLException {
    versions.check(cluster.values("select id, version from account"));
    assertThat(cluster.values("select id, n from tick").values())
        .hasSize(ACCOUNTS)
        .containsOnly(ticks.get());
    assertThat(cluster.values("select account, sum(amount) from purse group by account").values())
        .hasSize(ACCOUNTS)
        .containsOnly(MONEY);
  }

  /** Moves money from one purse of an account to the other. */
  static void transfer(Connection connection, long key, long amount) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MOVE_MONEY)) {
      for (int n = 1; n <= 2; n++) {
        statement.setLong(1, n == 1 ? amount : -amount);
        statement.setLong(2, key);
        statement.setInt(3, n);
        assertThat(statement.executeUpdate()).isEqualTo(1);
      }
    }
  }

  private long one(String sql) {
    List<Long> rows = first.scatter(sql, row -> row.getLong(1));
    assertThat(rows).hasSize(1);
    return rows.get(0);
  }

  private static long only(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      long value = rows.getLong(1);
      assertThat(rows.next()).isFalse();
      return value;
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(cluster.jdbcUrl());
  }

  private static Keyspace bank(ShardRouter router) {
    return router.keyspace(ServedCluster.KEYSPACE);
  }

  private static long key(Random random) {
    return 1L + random.nextInt(ACCOUNTS);
  }

  @Override
  public void close() {
    loops.close();
    first.close();
    second.close();
  }
}

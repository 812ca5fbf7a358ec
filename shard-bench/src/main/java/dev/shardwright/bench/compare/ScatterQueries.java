package dev.shardwright.bench.compare;

import dev.shardwright.bench.Numbers;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.RouterOptions;
import dev.shardwright.router.RowMapper;
import dev.shardwright.router.ShardRouter;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.sql.DataSource;

/**
 * Queries over four shards, through the router and through JDBC, each against what one would write
 * by hand for exactly this query: the parts at the same time, and a merge that knows the columns.
 *
 * <p>Arguments: rounds (default 40), milliseconds of a turn (default 250).
 */
public final class ScatterQueries {
  private static final int SHARDS = 4;
  private static final int CONNECTIONS = 10;
  private static final int KEYS = 100;

  /** How often each query is run on no rows, for each round that is asked for. */
  private static final int WARM_UP = 100;

  private static final String COUNT = "select count(*) from accounts where balance >= 100";
  private static final String GROUPS =
      "select account_id % 20, count(*), sum(balance) from accounts group by 1 order by 1";
  private static final String FIRST =
      "select account_id, owner, balance from accounts order by balance desc, account_id limit 20";
  private static final List<String> ON_NO_ROWS =
      List.of(
          "select count(*) from accounts where account_id < 0",
          "select account_id % 20, count(*), sum(balance) from accounts where account_id < 0"
              + " group by 1 order by 1",
          "select account_id, owner, balance from accounts where account_id < 0"
              + " order by balance desc, account_id limit 20");
  private static final String BY_KEYS =
      "select account_id, owner, balance from accounts where account_id = any(?)";

  private final ShardRouter router;
  private final DataSource jdbc;
  private final FanOutByHand byHand;
  private final AccountsByShard accounts;

  private ScatterQueries(ShardRouter router, FanOutByHand byHand, AccountsByShard accounts) {
    this.router = router;
    this.jdbc = router.dataSource();
    this.byHand = byHand;
    this.accounts = accounts;
  }

  private record Account(long id, String owner, BigDecimal balance) {
    static Account of(ResultSet row) throws SQLException {
      return new Account(row.getLong(1), row.getString(2), row.getBigDecimal(3));
    }
  }

  private record Group(int number, long count, BigDecimal sum) {
    static Group of(ResultSet row) throws SQLException {
      return new Group(row.getInt(1), row.getLong(2), row.getBigDecimal(3));
    }

    Group plus(Group other) {
      return new Group(number, count + other.count, sum.add(other.sum));
    }
  }

  /** Runs the comparisons and prints their tables. */
  public static void main(String[] arguments) throws Exception {
    long[] numbers = Numbers.of(arguments, 40, 250);
    int rounds = Math.toIntExact(numbers[0]);
    long turnMillis = numbers[1];
    run(BenchCluster.ACCOUNTS, new Comparison(1, rounds, turnMillis), System.out);
  }

  static void run(int accounts, Comparison comparison, PrintStream out) throws Exception {
    try (BenchCluster cluster = BenchCluster.start(SHARDS, accounts);
        ShardRouter router =
            ShardRouter.connect(
                cluster.zooKeeper(),
                BenchCluster.NAME,
                RouterOptions.DEFAULTS.withCredentials(cluster.credentials()));
        FanOutByHand byHand = FanOutByHand.over(cluster.servers(), CONNECTIONS)) {
      AccountsByShard loaded = AccountsByShard.load(cluster, router);
      new ScatterQueries(router, byHand, loaded).compare(comparison, out);
    }
  }

  private void compare(Comparison comparison, PrintStream out) throws Exception {
    warmUp(comparison.rounds() * WARM_UP);
    compare(comparison, "count", random -> countByHand(), COUNT, ScatterQueries::number, out);
    compare(comparison, "GROUP BY", random -> groupsByHand(), GROUPS, Group::of, out);
    compare(comparison, "ORDER BY LIMIT 20", random -> firstByHand(), FIRST, Account::of, out);
    Keyspace bank = router.keyspace(BenchCluster.KEYSPACE);
    comparison.run(
        "Multi-get of " + KEYS + " keys over " + SHARDS + " shards",
        List.of(
            new Contender("by hand (floor)", this::byKeysByHand),
            new Contender("by hand once more", this::byKeysByHand),
            new Contender(
                "Shardwright, onEach",
                random -> bank.onEach(keys(random)).query(BY_KEYS, "account_id", Account::of))),
        out);
  }

  /**
   * Runs the same on no rows, many times: the operations that are compared take so long that the
   * compiler would still be at work when the first of them is measured.
   */
  private void warmUp(int times) throws Exception {
    for (String sql : ON_NO_ROWS) {
      for (int i = 0; i < times; i++) {
        byHand.query(sql, NOTHING, row -> row.getString(1));
        router.scatter(sql, row -> row.getString(1));
        overJdbc(sql, row -> row.getString(1));
      }
    }
  }

  private <T> void compare(
      Comparison comparison,
      String title,
      Contender.Operation byHandOperation,
      String sql,
      RowMapper<T> mapper,
      PrintStream out)
      throws Exception {
    comparison.run(
        title + " over " + SHARDS + " shards",
        List.of(
            new Contender("by hand (floor)", byHandOperation),
            new Contender("by hand once more", byHandOperation),
            new Contender("Shardwright, scatter", random -> router.scatter(sql, mapper)),
            new Contender("Shardwright, JDBC", random -> overJdbc(sql, mapper))),
        out);
  }

  private <T> List<T> overJdbc(String sql, RowMapper<T> mapper) throws SQLException {
    try (Connection connection = jdbc.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet rows = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(mapper.map(rows));
      }
      return all;
    }
  }

  private static long number(ResultSet row) throws SQLException {
    return row.getLong(1);
  }

  private long countByHand() throws Exception {
    long count = 0;
    for (List<Long> part : byHand.query(COUNT, NOTHING, ScatterQueries::number)) {
      count += part.get(0);
    }
    return count;
  }

  private List<Group> groupsByHand() throws Exception {
    Map<Integer, Group> merged = new TreeMap<>();
    for (List<Group> part : byHand.query(GROUPS, NOTHING, Group::of)) {
      part.forEach(group -> merged.merge(group.number(), group, Group::plus));
    }
    return List.copyOf(merged.values());
  }

  private List<Account> firstByHand() throws Exception {
    List<Account> all = new ArrayList<>();
    byHand.query(FIRST, NOTHING, Account::of).forEach(all::addAll);
    all.sort(Comparator.comparing(Account::balance).reversed().thenComparing(Account::id));
    return all.subList(0, 20);
  }

  private List<Account> byKeysByHand(Random random) throws Exception {
    List<List<Long>> byShard = accounts.divide(keys(random));
    List<Account> all = new ArrayList<>();
    byHand
        .query(
            BY_KEYS,
            (shard, connection, statement) ->
                statement.setArray(
                    1, connection.createArrayOf("bigint", byShard.get(shard).toArray())),
            Account::of)
        .forEach(all::addAll);
    return all;
  }

  private List<Long> keys(Random random) {
    return random.longs(0, accounts.count()).distinct().limit(KEYS).boxed().toList();
  }

  private static final FanOutByHand.Binder NOTHING = (shard, connection, statement) -> {};
}

package dev.shardwright.examples.quickstart;

import dev.shardwright.admin.ClusterAdmin;
import dev.shardwright.admin.NewKeyspace;
import dev.shardwright.ring.KeyType;
import dev.shardwright.router.Keyspace;
import dev.shardwright.router.ShardRouter;
import dev.shardwright.topology.ShardedTable;
import dev.shardwright.topology.TableName;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * A generated marketplace: users and their orders, sharded by user. The same number of users gives
 * the same rows.
 */
final class Marketplace implements Dataset {
  private static final CheckedTable USERS = new CheckedTable("users", "user_id", "user_id::text");
  private static final CheckedTable ORDERS =
      new CheckedTable("orders", "user_id", "user_id || ':' || order_id");
  private static final List<String> COUNTRIES = List.of("DE", "FR", "IN", "JP", "NG", "US");
  private static final int MOST_ORDERS = 9;
  private static final long SEED = 20_260_401;

  private static final WorkSql WORK =
      new WorkSql(
          "select order_id, amount from orders where user_id = ? order by order_id desc limit 10",
          "insert into orders (user_id, order_id, amount) values (?, ?, 9.99)",
          "update users set purchases = purchases + 1 where user_id = ?");

  private final int users;

  Marketplace(int users) {
    this.users = users;
  }

  @Override
  public String title() {
    return "a generated marketplace of " + users + " users and their orders, sharded by user_id";
  }

  @Override
  public String keyspace() {
    return "shop";
  }

  @Override
  public List<String> tableDefinitions() {
    return List.of(
        """
        create table users (
          user_id bigint primary key,
          name text not null,
          country text not null,
          purchases bigint not null default 0)""",
        """
        create table orders (
          user_id bigint not null,
          order_id bigint not null,
          amount numeric(12, 2) not null,
          placed_at timestamptz not null default now(),
          primary key (user_id, order_id))""",
        "create index on users (pg_catalog.hashint8extended(user_id, 0))",
        "create index on orders (pg_catalog.hashint8extended(user_id, 0))");
  }

  @Override
  public void register(ClusterAdmin admin) {
    admin.createKeyspace(NewKeyspace.hash(keyspace(), KeyType.BIGINT));
    for (CheckedTable table : checkedTables()) {
      admin.registerTable(keyspace(), ShardedTable.of(TableName.of(table.name()), table.key()));
    }
  }

  @Override
  public List<CheckedTable> checkedTables() {
    return List.of(USERS, ORDERS);
  }

  @Override
  public CheckedCounter checkedCounter() {
    return new CheckedCounter("users", "user_id", "purchases");
  }

  @Override
  public int load(ShardRouter router, Ledger ledger) throws SQLException {
    Random random = new Random(SEED);
    Keyspace shop = router.keyspace(keyspace());
    ShardedLoad people =
        new ShardedLoad(
            router,
            shop,
            USERS,
            "insert into users (user_id, name, country) values (?, ?, ?)",
            ledger);
    ShardedLoad orders =
        new ShardedLoad(
            router,
            shop,
            ORDERS,
            "insert into orders (user_id, order_id, amount) values (?, ?, ?)",
            ledger);
    for (long user : keys()) {
      String country = COUNTRIES.get(random.nextInt(COUNTRIES.size()));
      people.add(user, Long.toString(user), user, "user " + user, country);
      int count = random.nextInt(MOST_ORDERS + 1);
      for (long order = 1; order <= count; order++) {
        BigDecimal amount = BigDecimal.valueOf(random.nextInt(100, 50_000), 2);
        orders.add(user, user + ":" + order, user, order, amount);
      }
    }
    people.finish();
    orders.finish();
    return 0;
  }

  /** The statements that fill one PostgreSQL with much the same rows. */
  List<String> plainRows() {
    return List.of(
        """
        insert into users (user_id, name, country)
        select u, 'user ' || u, (array['DE', 'FR', 'IN', 'JP', 'NG', 'US'])[u %% 6 + 1]
        from generate_series(1, %d) u"""
            .formatted(users),
        """
        insert into orders (user_id, order_id, amount)
        select u, o, (u * o %% 50000 + 100) / 100.0
        from generate_series(1, %d) u, generate_series(1, u %% 10) o"""
            .formatted(users));
  }

  @Override
  public long loadedRows(Ledger ledger) {
    return ledger.rows(USERS).size() + (long) ledger.rows(ORDERS).size();
  }

  @Override
  public List<Long> keys() {
    return LongStream.rangeClosed(1, users).boxed().toList();
  }

  @Override
  public WorkSql work() {
    return WORK;
  }

  @Override
  public String overview() {
    return """
        select u.country, count(*) as orders, sum(o.amount) as amount, round(avg(o.amount), 2) as average
        from users u join orders o using (user_id)
        group by u.country order by amount desc limit 5""";
  }

  @Override
  public CheckedTable written() {
    return ORDERS;
  }
}

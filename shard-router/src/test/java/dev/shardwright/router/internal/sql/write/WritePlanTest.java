package dev.shardwright.router.internal.sql.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.TestShards;
import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlRefused.Reason;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How writes to several shards are divided. */
class WritePlanTest {
  private final Analyzer analyzer = new Analyzer();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          insert into orders (user_id, x) values (1, 'a'), (12, E'b\\n'), (2, $$c$$) | \
          a [1, 2] rows [0, 2]: INSERT INTO orders (user_id, x) VALUES (1, 'a'), (2, $$c$$); \
          b [12] rows [1]: INSERT INTO orders (user_id, x) VALUES (12, E'b\\n')
          insert into orders (x, user_id) values (?, ?), (?, ?) returning x, ? | \
          b [15] rows [0]: INSERT INTO orders (x, user_id) VALUES (?, ?) RETURNING x, ? [1, 2, 5]; \
          c [25] rows [1]: INSERT INTO orders (x, user_id) VALUES (?, ?) RETURNING x, ? [3, 4, 5]
          insert into public.orders as o (user_id, x) values ($2, $5), ($4, $5) on conflict (user_id) do update set x = excluded.x where o.x < $5 | \
          b [15] rows [0]: INSERT INTO public.orders AS o (user_id, x) VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET x = excluded.x WHERE o.x < ? [2, 5, 5]; \
          c [25] rows [1]: INSERT INTO public.orders AS o (user_id, x) VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET x = excluded.x WHERE o.x < ? [4, 5, 5]
          insert into orders (user_id, x) values ((1), (2, 3)), (21, now()) on conflict do nothing | \
          a [1] rows [0]: INSERT INTO orders (user_id, x) VALUES ((1), (2, 3)) ON CONFLICT DO NOTHING; \
          c [21] rows [1]: INSERT INTO orders (user_id, x) VALUES (21, (?::timestamptz)) ON CONFLICT DO NOTHING [now]
          insert into orders (user_id, x) values (1, default) | \
          a [1] rows [0]: INSERT INTO orders (user_id, x) VALUES (1, default)
          insert into orders (user_id) values (1), (11) | \
          a [1] rows [0]: INSERT INTO orders (user_id) VALUES (1); \
          b [11] rows [1]: INSERT INTO orders (user_id) VALUES (11)
          """)
  void sendsEachShardItsRows(String sql, String expected) {
    assertThat(plan(sql, List.of("p1", 15L, "p3", 25L, "p5"))).isEqualTo(expected);
  }

  @Test
  void keepsOneStatementForKeysOfOneShard() {
    assertThat(plan("insert into orders (user_id) values (1), (1), (?)", List.of(3)))
        .isEqualTo(
            "a [1, 3] rows [0, 1, 2]: INSERT INTO orders (user_id) VALUES (1), (1), (?) [1]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          update orders set x = ? where y < 'a' returning *                      | a b c | \
          UPDATE orders SET x = ? WHERE y < 'a' RETURNING * [1]
          update orders set x = now(), z = current_date                              | a b c | \
          UPDATE orders SET x = (?::timestamptz), z = (($1::timestamptz)::date) [now]
          delete from orders as o where o.x = ?                                      | a b c | \
          DELETE FROM orders AS o WHERE o.x = ? [1]
          delete from orders where user_id in (select id from users where users.x = 1) | a b c | \
          DELETE FROM orders WHERE user_id IN (SELECT id FROM users WHERE users.x = 1)
          update orders o set x = u.x from users u where u.id = o.user_id            | a b c | \
          UPDATE orders o SET x = u.x FROM users u WHERE u.id = o.user_id
          delete from orders using countries c where orders.x = c.x                  | a b c | \
          DELETE FROM orders USING countries c WHERE orders.x = c.x
          insert into countries (code, name) values ('de', E'\\n')                  | a b c same | \
          INSERT INTO countries (code, name) VALUES ('de', E'\\n')
          update countries set name = upper(name) where code = 'de'                  | a b c same | \
          UPDATE countries SET name = upper(name) WHERE code = 'de'
          delete from countries                                                      | a b c same | \
          DELETE FROM countries
          """)
  void sendsAllShardsTheSame(String sql, String shards, String text) {
    WritePlan plan = writes(sql, List.of("p1"));
    assertThat(
            plan.writes().stream()
                    .map(write -> write.destination().shard().toString())
                    .collect(Collectors.joining(" "))
                + (plan.replicated() ? " same" : ""))
        .isEqualTo(shards);
    assertThat(plan.writes())
        .allSatisfy(write -> assertThat(write.text() + places(write)).isEqualTo(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update orders set x = random()",
        "update orders set x = f(x)",
        "update orders set x = (select max(x) from users)",
        "update orders set x = u.x from users u where u.x = orders.x",
        "delete from orders using users where orders.x = users.x",
        "delete from orders where x in (select x from users)",
        "delete from orders where user_id in (select id from users limit 1)",
        "with d as (delete from users returning id) delete from orders using d where d.id = user_id",
        "update countries set name = o.x from orders o",
        "update countries set name = c.name from countries c",
        "insert into orders (user_id, x) select id, x from users",
        "insert into orders (user_id, x) values (1, (select max(x) from users)), (11, 2)",
        "insert into countries (code) select x from orders",
        "update countries set name = gen_random_uuid()",
        "insert into countries (code) values (nextval('s'))",
        "delete from orders where ctid = '(0,1)'",
        "insert into orders (user_id, x) values (1, nextval('s')), (11, 1)",
        "select * from orders for update",
      })
  void refusesWhatEachShardWouldDoOtherwise(String sql) {
    assertThatThrownBy(() -> writes(sql, List.of()))
        .isInstanceOfSatisfying(
            SqlRefused.class,
            refused ->
                assertThat(refused.reason()).isIn(Reason.NOT_OVER_SHARDS, Reason.NOT_UNDERSTOOD));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into orders (x) values (1)",
        "insert into orders values (1, 2)",
        "insert into orders (user_id, x) values (default, 1)",
        "insert into orders (user_id, x) values (1, 1), (default, 1)",
        "insert into orders (user_id, x) values (nextval('s'), 1)",
        "insert into orders (user_id, x) values (1 + 1, 1)",
        "insert into orders (x, user_id) values (1)",
      })
  void refusesRowsWithoutACertainKey(String sql) {
    assertThatThrownBy(() -> plan(sql, List.of()))
        .isInstanceOfSatisfying(
            SqlRefused.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.KEY))
        .hasMessageContaining("public.orders needs its sharding key")
        .hasMessageContaining("draw generated keys in the application");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update orders set user_id = 5 where user_id = 1",
        "update orders set x = 1, USER_ID = user_id + 1 where user_id = 1",
        "update orders set (x, user_id) = (1, 2) where user_id = 1",
        "update orders set (x, user_id) = (select 1, 2) where user_id = 1",
        "update orders o set user_id = x.user_id where user_id = 1",
        "insert into orders (user_id) values (1) on conflict (user_id) do update set user_id = 2",
        "insert into orders (user_id) values (1) on conflict on constraint p do update"
            + " set user_id = excluded.user_id",
        "insert into orders (user_id) values (1) on conflict (x) do update"
            + " set user_id = excluded.user_id",
      })
  void refusesToChangeTheKey(String sql) {
    assertThatThrownBy(() -> analyzer.analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY))
        .isInstanceOfSatisfying(
            SqlRefused.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.KEY))
        .hasMessageContaining("user_id places the rows of public.orders and cannot be updated");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update orders set x = user_id where user_id = 1",
        "update orders o set user_id = o.user_id, x = 1 where user_id = 1",
        "update orders set (user_id, x) = (user_id, 1) where user_id = 1",
        "insert into orders (user_id) values (1) on conflict (user_id, x) do update"
            + " set user_id = excluded.user_id, x = 1",
        "update countries set user_id = 1",
      })
  void allowsWhatLeavesTheKeyAsItIs(String sql) {
    assertThat(analyzer.analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY).kind())
        .isEqualTo(Analysis.Kind.WRITE);
  }

  private String plan(String sql, List<Object> parameters) {
    return writes(sql, parameters).writes().stream()
        .map(WritePlanTest::readable)
        .collect(Collectors.joining("; "));
  }

  private WritePlan writes(String sql, List<Object> parameters) {
    return analyzer
        .analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY)
        .writes(place -> parameters.get(place - 1), TestShards.TOPOLOGY);
  }

  private static String readable(ShardWrite write) {
    return write.destination().shard()
        + " "
        + write.destination().keys()
        + " rows "
        + write.rows()
        + ": "
        + write.text()
        + places(write);
  }

  private static String places(ShardWrite write) {
    List<String> places =
        write.text().bindings().stream()
            .map(binding -> binding instanceof Binding.Parameter at ? "" + at.place() : "now")
            .toList();
    return places.isEmpty() ? "" : " " + places;
  }
}

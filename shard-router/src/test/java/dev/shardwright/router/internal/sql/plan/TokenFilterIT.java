package dev.shardwright.router.internal.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import dev.shardwright.ring.TokenFunction;
import dev.shardwright.ring.TokenFunctions;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.TokenFilter;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under a filter, answers are those of a PostgreSQL that has only the rows that meet it. */
class TokenFilterIT {
  private static final String SCHEMA =
      """
      create table regions (id int primary key, name text);
      insert into regions select i, 'region ' || i from generate_series(0, 4) i;
      create table users (user_id bigint primary key, name text, region_id int);
      insert into users select i, 'user ' || i, i % 4 from generate_series(1, 60) i;
      create table orders (user_id bigint, id int, amount int, primary key (user_id, id));
      insert into orders select u, n, u * n % 50 from generate_series(1, 60) u, generate_series(1, 2) n where u % 3 > 0;
      """;

  private static final TokenFunction TOKENS =
      TokenFunctions.of(Strategy.HASH, Optional.of(KeyType.BIGINT));
  private static final KeyRangeSet SEEN = KeyRangeSet.of(new KeyRange(Long.MIN_VALUE, 1_000_000L));
  private static final TokenFilter FILTER =
      (table, row) -> Optional.of(TOKENS.sqlCondition(row + "\"user_id\"", SEEN));

  private static AnswerLab lab;

  @BeforeAll
  static void fill() throws SQLException {
    lab = new AnswerLab(SCHEMA, Map.of("users", "user_id", "orders", "user_id"), Set.of("regions"));
    for (String table : new String[] {"users", "orders"}) {
      lab.executeOnWhole(
          "delete from %s where not (%s)".formatted(table, TOKENS.sqlCondition("user_id", SEEN)));
    }
  }

  @AfterAll
  static void drop() throws SQLException {
    lab.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select user_id from users order by user_id",
        "select count(*) from users where region_id = 1 or region_id = 2",
        "select u.user_id, o.id from users u join orders as o using (user_id) order by 1, 2",
        "select u.user_id, o.id from users u left join orders o on u.user_id = o.user_id order by 1, 2",
        "select u.user_id, o.id from users u left join orders o using (user_id) order by 1, 2",
        "select public.orders.*, u.name from users u left join public.orders using (user_id) order by u.user_id, public.orders.id",
        "select user_id, orders.amount, count(*) from users u left join orders using (user_id) group by user_id, orders.user_id, orders.id order by 1, 2",
        "select o.user_id, u.name from orders o right join users u on u.user_id = o.user_id order by 2",
        "select count(u.name), count(o.amount) from users u full join orders o on u.user_id = o.user_id and o.amount > 20",
        "select r.name, count(u.user_id) from regions r left join users u on u.region_id = r.id group by r.id order by 1",
        "select o.id, o.user_id from orders as o (id, user_id) order by 1, 2",
        "select u.user_id, o.id from users u left join orders as o (id, user_id) on o.id = u.user_id order by 1, 2",
        "select user_id, name, count(*) from users group by user_id order by 1 desc",
        "select public.users.name from public.users where users.user_id in (select user_id from orders where amount > 10) order by 1",
        "select avg(amount) from orders where amount > 3 or user_id = 4",
        "select a.user_id from users a where exists (select 1 from orders b where b.amount = a.user_id) order by 1",
        "with rich as (select user_id from orders where amount > 40) select count(*) from rich",
      })
  void hidesRowsWhereverTheTableIsNamed(String sql) throws SQLException {
    AnswerLab.Rows expected = lab.expected(sql);
    assertThat(given(sql, FILTER))
        .isNotEmpty()
        .allSatisfy((answer, rows) -> assertThat(rows).isEqualTo(expected));
    assertThat(given(sql, TokenFilter.NONE))
        .as("without the filter there are other rows")
        .isNotEmpty()
        .doesNotContainValue(expected);
  }

  /** What each answer that fits the types gives. */
  private static Map<String, AnswerLab.Rows> given(String sql, TokenFilter filter)
      throws SQLException {
    Map<String, AnswerLab.Rows> given = new LinkedHashMap<>();
    for (Answer answer : lab.answers(sql, filter)) {
      lab.run(answer, sql).ifPresent(rows -> given.put(answer.toString(), rows));
    }
    return given;
  }
}

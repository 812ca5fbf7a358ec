package dev.shardwright.router.internal.sql.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.sql.Analyzer;
import dev.shardwright.router.internal.sql.TestShards;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where statements go: a shard, several, {@code any}, or {@code single} for plain tables. */
class DestinationTest {
  private final Analyzer analyzer = new Analyzer();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select 1                                                        | any
          select * from countries where code = 'x'                        | any
          select * from plain_notes                                       | single
          select * from orders                                            | a b c
          values (1), (2)                                                 | any
          table orders                                                    | a b c
          select current_user, now()                                      | any
          """)
  void withoutAKey(String sql, String destination) {
    assertThat(destination(sql)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          user_id = 5                                                     | a
          5 = user_id                                                     | a
          user_id = 15 and x = 1                                          | b
          (user_id = 15 and x = 1)                                        | b
          x = 1 and (y = 2 and (user_id = (15)))                          | b
          USER_ID = 15                                                    | b
          "user_id" = 15                                                  | b
          "USER_ID" = 15                                                  | a b c
          orders.user_id = 15                                             | b
          public.orders.user_id = 15                                      | b
          sales.orders.user_id = 15                                       | a b c
          user_id = 1 + 1                                                 | a b c
          user_id + 0 = 5                                                 | a b c
          user_id <> 5                                                    | a b c
          not user_id = 5                                                 | a b c
          not (user_id <> 5)                                              | a b c
          user_id is not null                                             | a b c
          user_id in (5, 6)                                               | a
          user_id in (5, 25)                                              | a c
          user_id in (5, 25, x)                                           | a b c
          user_id not in (5, 6)                                           | a b c
          user_id = any (array[5, 15])                                    | a b
          user_id = any (array['5', '15']::bigint[])                      | a b
          user_id = any ('{5,6}')                                         | a
          user_id = any ('{5,NULL}'::bigint[])                            | a
          user_id = any ('{}')                                            | any
          user_id = any ('{{5,6}}')                                       | a b c
          user_id = all (array[5])                                        | a b c
          user_id = some (array[15])                                      | b
          user_id = 5 or user_id = 6                                      | a
          user_id = 5 or user_id = 25                                     | a c
          user_id = 5 or x = 1                                            | a b c
          (user_id = 5 and x = 1) or (user_id = 6 and x = 2)              | a
          user_id = 5 or (x = 1 and user_id in (6, 15))                   | a b
          (x, user_id) = (1, 15)                                          | b
          row(x, user_id) = row(1, 15)                                    | b
          (x, user_id) in ((1, 15), (2, 25))                              | b c
          (user_id, x) in ((5, 1), (6, 2))                                | a
          (user_id, x) < (5, 1)                                           | a b c
          user_id is not distinct from 5                                  | a
          user_id is distinct from 5                                      | a b c
          user_id = 5 and user_id = 6                                     | any
          user_id = 5 and user_id in (5, 25)                              | a
          user_id = null                                                  | any
          user_id is not distinct from null                               | any
          user_id in (null, 5)                                            | a
          false                                                           | any
          user_id = 5 or false                                            | a
          x = 1 or true                                                   | a b c
          user_id between 5 and 9                                         | a
          user_id between 5 and 10                                        | a b
          user_id between 15 and 12                                       | any
          user_id not between 5 and 10                                    | a b c
          user_id between symmetric 9 and 5                               | a b c
          user_id < 10                                                    | a
          user_id <= 10                                                   | a b
          10 > user_id                                                    | a
          user_id > 19                                                    | c
          user_id >= 19                                                   | b c
          user_id >= 10 and user_id < 20                                  | b
          user_id > 9.5 and user_id < 19.5                                | b
          user_id > 9.5 and user_id <= 20.5                               | b c
          user_id > 9223372036854775808                                   | c
          user_id < '10'                                                  | a
          user_id < 10 or user_id = 25                                    | a c
          user_id > x                                                     | a b c
          """)
  void byTheKeyOfOneTable(String where, String destination) {
    assertThat(destination("select * from orders where " + where)).isEqualTo(destination);
    assertThat(destination("delete from orders where " + where)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          5                              | a
          '5'                            | a
          ' 5 '                          | a
          +5                             | a
          -5                             | a
          5.0                            | a
          5.5                            | any
          '5.0'                          | a b c
          'five'                         | a b c
          5::int                         | a
          5::smallint                    | a
          5.4::int                       | a b c
          5.0::numeric                   | a
          5::numeric(10,2)               | a b c
          '5'::bigint                    | a
          int8 '5'                       | a
          cast('5' as bigint)            | a
          '5'::text::bigint              | a
          cast(5 as text)                | a b c
          5::float8                      | a b c
          5e0                            | a b c
          99999999999999999999           | any
          99999::smallint                | a b c
          (5)                            | a
          $$5$$                          | a
          E'\\x35'                       | a
          B'101'                         | a b c
          0x5                            | a
          null::bigint                   | any
          '{5}'::bigint[]                | a b c
          (select 5)                     | a
          coalesce(5, 6)                 | a b c
          """)
  void byConstantsAsPostgresComparesThem(String constant, String destination) {
    assertThat(destination("select * from orders where user_id = " + constant))
        .isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          join users u on u.id = o.user_id where u.id = 15                | b
          join users u on u.id = o.user_id where o.user_id = 15           | b
          join users u on u.id = o.user_id and u.id = 15                  | b
          join users u on u.id = o.user_id                                | a b c
          join users u on u.id <> o.user_id where u.id = 15               | a b c
          join users u on u.name = o.name where u.id = 15                 | a b c
          join users u on u.name = o.name where u.id = 15 and user_id = 15 | b
          join users u on u.name = o.name where u.id = 15 and user_id = 5 | a b
          , users u where u.id = o.user_id and u.id = 15                  | b
          , users u where (u.id, 1) = (o.user_id, x) and u.id = 15        | b
          cross join users u where u.id = o.user_id and u.id = 15         | b
          left join users u on u.id = o.user_id where o.user_id = 15      | b
          left join users u on u.id = o.user_id where u.id = 15           | b
          left join users u on u.id = o.user_id and u.id = 15             | a b c
          left join users u on u.id = o.user_id and o.user_id = 15        | a b c
          left join users u on u.id = 15 where o.user_id = 15             | b
          left join users u on u.id = o.user_id where u.name = 'x' and o.user_id = 15 | b
          left join users u on u.id = o.user_id where u.id is not distinct from 15 | a b c
          right join users u on u.id = o.user_id where u.id = 15          | b
          right join users u on u.id = o.user_id where o.user_id = 15     | b
          right join users u on u.id = o.user_id and u.id = 15            | a b c
          full join users u on u.id = o.user_id where o.user_id = 15      | a b c
          full join users u on u.id = o.user_id where o.user_id = 15 and u.id = 15 | b
          join sales.items i using (user_id) where user_id = 15           | b
          join sales.items i using (user_id) where i.user_id = 15         | b
          left join sales.items i using (user_id) where user_id = 15      | b
          right join sales.items i using (user_id) where user_id = 15     | b
          full join sales.items i using (user_id) where user_id = 15      | a b c
          natural join sales.items i where user_id = 15                   | b
          natural left join sales.items i where user_id = 15              | b
          join countries c on c.code = o.country where o.user_id = 15     | b
          left join countries c on c.code = o.country where o.user_id = 15 | b
          join countries c using (user_id) where user_id = 15             | a b c
          left join countries c using (user_id) where user_id = 15        | a b c
          left join countries c using (user_id) where o.user_id = 15      | b
          join sales.items i using (user_id) join countries c using (user_id) where user_id = 15 | a b c
          join countries c using (user_id) join sales.items i using (user_id) where user_id = 15 | a b c
          natural join (select 1 as one) c where user_id = 15             | b
          right join countries c using (user_id) where user_id = 15       | a b c
          natural left join countries c where user_id = 15                | a b c
          natural left join (select id as user_id, x from users where id = 15) u where x = 1 | a b c
          left join (select id, x as y from users where id = 15) u on u.id = o.user_id where y = 1 | b
          join countries c on c.id = o.user_id where c.id = 15            | a b c
          join (users u join sales.items i on i.user_id = u.id) on u.id = o.user_id where o.user_id = 15 | b
          left join (users u join sales.items i on i.user_id = u.id) on u.id = o.user_id where o.user_id = 15 | b
          left join users u on u.id = o.user_id left join sales.items i on i.user_id = u.id where o.user_id = 15 | b
          left join users u on u.id = o.user_id join sales.items i on i.user_id = u.id where i.user_id = 15 | b
          join (users u join sales.items o on o.user_id = u.id) as o2 on true where o.user_id = 15 | a b c
          join users as u (user_id) on true where o.user_id = 15 and user_id = 5 | a b c
          join users u on u.id = o.user_id or u.id = 15 where o.user_id = 15 | a b c
          """)
  void throughJoins(String from, String destination) {
    assertThat(destination("select count(*) from orders o " + from)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select * from (select * from orders) o where user_id = 15       | b
          select * from (select user_id as u from orders) o where u = 15  | b
          select * from (select user_id as u from orders) o where user_id = 15 | a b c
          select * from (select user_id from orders) o (u) where u = 15   | b
          select * from (select * from orders limit 5) o where user_id = 15 | a b c
          select * from (select * from orders where user_id = 15 limit 5) o | b
          select * from (select distinct user_id from orders) o where user_id = 15 | b
          select * from (select distinct on (user_id) user_id from orders) o where user_id = 15 | b
          select * from (select distinct on (x) user_id from orders) o where user_id = 15 | a b c
          select * from (select user_id, count(*) from orders group by user_id) o where user_id = 15 | b
          select * from (select user_id, count(*) from orders group by rollup (user_id)) o where user_id = 15 | a b c
          select * from (select user_id, row_number() over (partition by user_id) from orders) o where user_id = 15 | b
          select * from (select user_id, row_number() over w from orders window w as (partition by user_id)) o where user_id = 15 | b
          select * from (select user_id, row_number() over (partition by x) from orders) o where user_id = 15 | a b c
          select * from (select user_id, row_number() over () from orders) o where user_id = 15 | a b c
          select * from (select count(*) over (), user_id from orders where user_id = 15) o | b
          select * from (select user_id from orders union all select id from users) o where user_id = 15 | b
          select * from (select user_id from orders union all select id from users limit 5) o where user_id = 15 | a b c
          select * from (select user_id from orders union select x from users) o where user_id = 15 | a b c
          select user_id from orders where user_id = 15 except select id from users where id = 15 | b
          select * from (select user_id from orders where user_id = 15 except select id from users) x | b
          select * from (select user_id from orders intersect select id from users where id = 15) x | b
          select user_id from orders where user_id = 5 union select id from users where id = 15 | a b
          select * from (select user_id from orders except select id from users) x where user_id = 15 | b
          select * from (select user_id from orders except select x from users) x where user_id = 15 | a b c
          select * from (select user_id from orders intersect select code from countries) x where user_id = 15 | a b c
          select o.* from countries c join orders o using (user_id) where user_id = 15 | a b c
          select o.* from countries c join orders o using (user_id) join sales.items i using (user_id) where user_id = 15 | a b c
          select o.* from countries c natural join orders o where user_id = 15 | a b c
          select * from orders o where exists (select 1 from users u where u.id = o.user_id) and o.user_id = 15 | b
          select * from orders o where not exists (select 1 from users u where u.id = o.user_id) and o.user_id = 15 | b
          select * from orders o where exists (select 1 from users u where u.id = 15) and o.user_id = 15 | b
          select * from orders o where exists (select 1 from users u where u.id = 5) and o.user_id = 15 | a b
          select * from orders o where exists (select 1 from users u) and o.user_id = 15 | a b c
          select * from orders where user_id in (select id from users) and user_id = 15 | b
          select * from orders where user_id in (select id from users where id = 15) | b
          select * from orders where user_id in (select id from users limit 5) and user_id = 15 | a b c
          select * from orders where user_id not in (select id from users) and user_id = 15 | b
          select * from orders where user_id not in (select id from users where id = 15) | a b c
          select * from orders where user_id not in (select u.id from countries c left join users u on u.x = c.x) and user_id = 15 | a b c
          select * from orders o left join carts c on c.user_id = o.user_id and c.user_id not in (select id from users) where o.user_id = 15 | a b c
          select * from orders where (user_id in (select id from users) or x = 1) and user_id = 15 | b
          select * from orders where x in (select id from users) and user_id = 15 | a b c
          select * from orders where (x, user_id) in (select name, id from users) and user_id = 15 | b
          select * from orders where user_id = any (select id from users where id = 15) | b
          select * from orders where user_id = (select id from users where id = 15) | b
          select * from orders where user_id = (select max(id) from users where id = 15) | a b c
          select (select count(*) from users u where u.id = o.user_id) from orders o where user_id = 15 | b
          select (select count(*) from users u where u.id = user_id) from orders o where user_id = 15 | a b c
          select (select count(*) from users) from orders o where user_id = 15 | a b c
          select * from orders o, lateral (select * from users u where u.id = o.user_id limit 1) x where o.user_id = 15 | b
          select * from orders o left join lateral (select * from users u where u.id = o.user_id) x on true where o.user_id = 15 | b
          select 1 from countries c, lateral (select c.*, o.user_id from orders o) l (k) where k = 15 | a b c
          select 1 from countries c, lateral (select o.user_id from orders o) l (k) where k = 15 | b
          select * from orders o order by (select max(x) from users u where u.id = o.user_id) limit 1 | a b c
          select case when exists (select 1 from users where id = 5) then 1 end from orders where user_id = 15 | a b
          select * from orders where user_id = 15 and x = array(select y from users where id = 15) | b
          """)
  void throughSubqueries(String sql, String destination) {
    assertThat(destination(sql)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          with o as (select * from orders) select * from o where user_id = 15 | b
          with o as (select * from orders where user_id = 15) select * from o | b
          with o as (select * from orders) select * from o, o p where o.user_id = 15 and p.user_id = 15 | b
          with o as (select * from orders) select * from o, o p where o.user_id = p.user_id and p.user_id = 15 | b
          with o as (select * from orders) select * from o, o p where p.user_id = 15 | a b c
          with o (u) as (select user_id from orders) select * from o where u = 15 | b
          with orders as (select * from users) select * from orders where id = 15 | b
          with orders as (select * from orders) select * from orders where user_id = 15 | b
          with o as (select * from orders) select 1                       | a b c
          with o as (select 1 as id) select * from public.orders, o where user_id = 15 | b
          with o as (select 15 as id) select * from orders, o where user_id = o.id | b
          with o as (select ?::bigint as id) select * from orders join o on user_id = o.id | b
          with o as materialized (select * from orders) select * from o where user_id = 15 | b
          with a as (select * from orders), b as (select * from a) select * from b where user_id = 15 | b
          with recursive t (k, n) as (select user_id, 1 from orders where user_id = 15 union all select o.user_id, n + 1 from orders o join t on t.k = o.user_id) select * from t | b
          with recursive t (k, n) as (select user_id, 1 from orders where user_id = 15 union all select o.user_id, n + 1 from orders o join t on t.n = o.x) select * from t | a b c
          with recursive t (k, n) as (select user_id, 1 from orders union all select o.user_id, n + 1 from orders o join t on t.k = o.user_id) select * from t where k = 15 | b
          with recursive t (k, n) as (select user_id, 1 from orders union all select t.k, n + 1 from orders o join t on t.k = o.user_id) select * from t where k = 15 | b
          with recursive t (k, n) as (select user_id, 1 from orders where user_id = 5 union all select o.user_id + 1, n + 1 from orders o join t on t.k = o.user_id) select * from t | a b c
          with recursive t (n) as (select 1 union all select n + 1 from t where n < 5) select * from t | any
          with recursive t (n) as (select 1 union all select n + 1 from t where n < 5) select * from t, orders where user_id = 15 | b
          with d as (delete from orders where user_id = 15 returning user_id) select * from d | b
          with d as (delete from orders where user_id = 15 returning user_id) select * from users, d where id = d.user_id | b
          with d as (delete from orders returning user_id) select * from d where user_id = 15 | a b c
          with d as (delete from orders where user_id = 15 returning *) insert into users (id, x) select user_id, x from d | a b c
          with d as (delete from orders where user_id = 15 returning user_id, x) insert into users (id, x) select user_id, x from d | b
          select * from (values (15), (16)) v (id) join orders on user_id = v.id | b
          select * from (values (15, 1), (5, 2)) v (id, x) join orders on user_id = v.id | a b
          select * from (values (15, 1), (x, 2)) v (id, x) join orders on user_id = v.id | a b c
          select * from (select 15 as id union all select ?) v join orders on user_id = v.id | a b c
          select * from unnest('{15,16}'::bigint[]) id join orders on user_id = id | b
          select * from unnest(array[15]) as u (id) join orders on user_id = u.id | a b c
          select * from generate_series(1, 3) g join orders on user_id = g where user_id = 15 | b
          """)
  void throughCtesAndRowsOfConstants(String sql, String destination) {
    assertThat(destination(sql, 15L)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          insert into orders (x, user_id) values (1, 5)                   | a
          insert into orders (x, user_id) values (1, 5), (2, 25)          | a c
          insert into orders (x, user_id) values (1, '15') on conflict (user_id, x) do update set x = excluded.x | b
          insert into orders (user_id, x) select user_id, x from sales.items where user_id = 15 | b
          insert into orders (user_id, x) select id, 1 from users u where id = 15 | b
          insert into orders (user_id, x) select 15, y from countries     | b
          insert into orders (user_id, x) select id, 1 from users u where name = 'x' | a b c
          insert into orders (user_id, x) select y, 1 from countries      | a b c
          insert into countries (code) values ('x')                       | a b c
          insert into plain_notes (a) values (1)                          | single
          update orders set x = 1 where user_id = 15                      | b
          update orders o set x = u.x from users u where u.id = o.user_id and u.id = 15 | b
          update orders o set x = u.x from users u where u.id = 15        | a b c
          update orders o set x = (select max(x) from users u where u.id = o.user_id) where o.user_id = 15 | b
          update countries set x = 1                                      | a b c
          delete from orders using users u where u.id = user_id and u.id = 25 | c
          delete from orders where user_id in (select id from users where id = 25) | c
          """)
  void ofWrites(String sql, String destination) {
    assertThat(destination(sql)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          people where id = 5                                             | a c
          people where id = 15                                            | b c
          people where region = 'eu'                                      | a b
          people where region = 'us'                                      | c
          people where region = 'asia'                                    | any
          people where region in ('us', 'asia')                           | c
          people where region = 'eu' and id = 5                           | a
          people where (region, id) in (('eu', 5), ('us', 6))             | a c
          people where (region, id) in (('eu', 5), ('eu', 6))             | a
          people where (region = 'eu' and id = 5) or (region = 'us' and id = 15) | a c
          people where region = 'eu' and id in (5, 15)                    | a b
          people where region > 'a' and id = 5                            | a c
          people p join visits v on v.person = p.id where p.region = 'eu' and p.id = 5 | a c
          people p join visits v on v.person = p.id and v.region = p.region where p.region = 'eu' and p.id = 5 | a
          people p join visits v on (v.person, v.region) = (p.id, p.region) where v.region = 'us' | c
          (select region as r, id from people) p where r = 'eu' and id = 15 | b
          """)
  void byRegion(String from, String destination) {
    assertThat(destination("select * from " + from)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          at >= '2024-01-01 00:00:00+00' and at < '2025-01-01 00:00:00+00' | b
          at >= '2024-01-01 00:00:00+01' and at < '2025-01-01 00:00:00+00' | a b
          at between '2024-01-01T00:00:00Z' and '2024-06-01T00:00:00Z'     | b
          at < '2024-01-01 00:00:00+00'                                    | a
          at <= '2024-01-01 00:00:00+00'                                   | a b
          at = timestamptz '2024-01-01 00:00:00+00'                        | b
          at = '2024-01-01 00:00:00'                                       | a b c
          at > '2025-01-01'                                                | a b c
          at >= '2025-01-01 00:00:00+00'::timestamptz                      | c
          at >= '2025-01-01 00:00:00+00'::timestamp                        | a b c
          at > '-infinity'                                                 | a b c
          at = 'infinity'                                                  | c
          at >= now()                                                      | a b c
          """)
  void byTime(String where, String destination) {
    assertThat(destination("select * from events where " + where)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select 1 from countries join orders o on id = user_id join users u on true where u.id = 5 | a b c
          select 1 from countries join orders o on (id, 1) = (user_id, x) join users u on true where u.id = 5 | a b c
          select 1 from countries join orders o on id = 5 join users u on true            | a b c
          select 1 from users u, countries join orders o on id = user_id where u.id = 5   | a b c
          select 1 from countries join orders o on user_id in (select id from countries) join users u on u.x = o.x where u.id = 5 | a b c
          select 1 from countries join orders o on exists (select 1 from carts c where c.user_id = id) join users u on u.id = o.user_id where u.id = 5 | a b c
          select 1 from users u, countries join orders o on id in (select user_id from carts) where u.id = 5 and o.user_id = 5 | a b c
          select 1 from orders o join users u on id = o.user_id join countries c on true where u.id = 5 | a
          select 1 from orders o join users u on true join countries c on id = o.user_id where u.id = 5 | a
          select 1 from orders o join users u on u.id = o.user_id join countries c on id = 5 | a
          select 1 from orders o, users join countries c on id = 5 where o.user_id = id   | a
          update orders set x = 1 from countries join carts c on user_id = 5 where orders.user_id = c.user_id | a
          update orders set x = 1 from countries join users u on user_id = u.id where u.id = 5 | a b c
          select 1 from users u, carts join orders o using (user_id), countries join devices d on user_id = 5 where u.id = o.user_id | a b c
          """)
  void lookNamesInOnUpInWhatIsJoined(String sql, String destination) {
    assertThat(destination(sql)).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select distinct on (user_id) user_id as k from orders                           | a
          select distinct on (user_id) x, user_id as k from orders                        | a
          select distinct on (user_id) x as user_id, orders.user_id as k from orders      | a b c
          select distinct on (orders.user_id) x as user_id, orders.user_id as k from orders | a
          select distinct on (user_id) user_id, user_id as k from orders                  | a
          select distinct on (x) user_id as k from orders                                 | a b c
          select distinct on (user_id) o.*, o.user_id as k from users join orders o on user_id = id | a
          select distinct on (id) c.*, u.id as k from users u join countries c on c.x = u.x | a b c
          select distinct on (id) c.*, u.id as k from users u join (select 1 as x) c on c.x = u.x | a
          select distinct on (id) o.*, u.id as k from users u left join orders o using (id) | a b c
          """)
  void byAKeyThatDistinctOnKeeps(String query, String destination) {
    assertThat(destination("select * from (" + query + ") s where k = 5")).isEqualTo(destination);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select tags[1], tags[1:2] from users where id = 5                               | a
          select tags[(select count(*) from orders)::int] from users where id = 5         | a b c
          select tags[1:(select max(x) from orders)] from users where id = 5              | a b c
          select tags[x][(select max(x) from orders)] from users where id = 5             | a b c
          select u.tags[(select max(x) from orders where user_id = 6)] from users u where id = 5 | a
          select 1 from users where id = 5 and tags[(select max(x) from orders)] = 'a'    | a b c
          update users set tags[1] = 'a' where id = 5                                     | a
          update users set tags[(select max(x) from orders)] = 'a' where id = 5           | a b c
          """)
  void seeQueriesInSubscripts(String sql, String destination) {
    assertThat(destination(sql)).isEqualTo(destination);
  }

  @Test
  void mixKeyspacesByTheirShards() {
    assertThat(destination("select * from orders, events where user_id = 5 and at = 'infinity'"))
        .isEqualTo("a c");
    assertThat(destination("select * from orders, plain_notes where user_id = 15")).isEqualTo("b");
    assertThat(destination("select * from orders, plain_notes where user_id = 5")).isEqualTo("a b");
    assertThat(destination("select * from orders, people where user_id = id and id = 5"))
        .isEqualTo("a c");
  }

  @Test
  void tellKeysThatAreNamedOneByOne() {
    assertThat(one("select * from orders where user_id in (5, 6) and x = 1").keys())
        .containsExactlyInAnyOrder(5L, 6L);
    assertThat(one("select * from orders where user_id between 5 and 6").keys()).isEmpty();
    assertThat(one("select * from orders o join users u on u.id = user_id where id = 5").keys())
        .containsExactly(5L);
    Destination.OneShard regional = one("select * from people where region = 'us' and id = 5");
    assertThat(regional.region()).hasToString("us");
    assertThat(regional.keyspace()).isEqualTo("world");
  }

  @Test
  void followTheSearchPath() {
    assertThat(destination("select * from \"Odd\" where \"Key\" = 15")).isEqualTo("b");
    assertThat(destination("select * from \"Odd\" where key = 15")).isEqualTo("a b c");
    assertThatThrownBy(() -> destination("select * from odd"))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("table odd is not registered");
    assertThatThrownBy(() -> destination("select * from items"))
        .hasMessageContaining("table items is not registered");
    SearchPath sales = new SearchPath(List.of("sales", "public"));
    assertThat(
            analyzer
                .analyze("select * from items where user_id = 15", sales, TestShards.TOPOLOGY)
                .destination(place -> null, TestShards.TOPOLOGY))
        .isInstanceOf(Destination.OneShard.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select * from pg_class                               | system catalog
          select * from pg_catalog.pg_class                    | system catalog
          select * from information_schema.tables              | system catalog
          select * from orders where x in (select y from nowhere) | table nowhere is not registered
          select (select 1 from nowhere) from orders           | table nowhere is not registered
          select * from other.orders                           | table other.orders is not registered
          insert into orders (x) values (1)                    | sharding key
          insert into orders values (1, 2)                     | sharding key
          insert into orders (x, user_id) values (1, default)  | sharding key
          insert into orders (x, user_id) values (1, 1 + 1)    | sharding key
          insert into orders (x, user_id) values (1, null)     | certain
          insert into orders (x, user_id) values (1, 5.5)      | certain
          insert into people (id) values (1)                   | region
          insert into people (id, region) values (1, 'asia')   | regions
          update orders set user_id = 5 where user_id = 6      | user_id
          with recursive a as (select * from b), b as (select * from orders) select * from a | not understood
          """)
  void refuse(String sql, String message) {
    assertThatThrownBy(() -> destination(sql))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining(message);
  }

  private Destination.OneShard one(String sql) {
    return (Destination.OneShard) destinationOf(sql);
  }

  private String destination(String sql, Object... parameters) {
    Destination found = destinationOf(sql, parameters);
    if (found instanceof Destination.OneShard one) {
      return one.shard().value();
    }
    if (found instanceof Destination.SeveralShards several) {
      return several.shards().stream().map(Object::toString).collect(Collectors.joining(" "));
    }
    return found instanceof Destination.AnyShard ? "any" : "single";
  }

  private Destination destinationOf(String sql, Object... parameters) {
    return analyzer
        .analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY)
        .destination(place -> parameters[place - 1], TestShards.TOPOLOGY);
  }
}

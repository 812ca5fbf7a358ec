package dev.shardwright.router.internal.sql.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.sql.TestShards;
import dev.shardwright.router.internal.sql.tables.Locality;
import dev.shardwright.router.internal.sql.tables.Registrations;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.stream.Collectors;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which blocks each shard can work out by itself, and what tells their rows apart. */
class LocalityTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          orders                                                              | local
          orders where x = 1 order by x limit 5                               | local
          countries                                                           | no
          plain_notes                                                         | no
          orders o join users u on u.id = o.user_id                           | local
          orders o join users u on u.name = o.name                            | no
          orders o, users u                                                   | no
          orders o join users u on true where u.id = o.user_id                | local
          orders o join users u on u.id = o.user_id or u.name = o.name        | no
          orders o join users u on u.id = o.user_id + 1                       | no
          orders o join carts c using (user_id) join users u on u.id = user_id | local
          orders o join carts c using (user_id) join users u on u.id = c.x    | no
          orders o left join users u on u.id = o.user_id                      | local
          orders o left join users u on u.name = o.name                       | no
          orders o right join users u on u.id = o.user_id                     | local
          orders o full join users u on u.id = o.user_id                      | no
          orders o left join users u on u.id = o.user_id left join carts c on c.user_id = o.user_id | local
          orders o left join users u on u.id = o.user_id left join carts c on c.user_id = u.id | local
          orders o left join (users u join carts c on c.user_id = u.id) on u.id = o.user_id | local
          orders o left join (users u join carts c on c.x = u.x) on u.id = o.user_id | no
          orders o join countries c on c.code = o.country                     | local
          orders o left join countries c on c.code = o.country                | local
          countries c left join orders o on o.country = c.code                | no
          countries c left join orders o on o.country = c.code where o.x = 1  | local
          countries c left join (select x from orders) o on o.x = c.x         | no
          countries c left join (select user_id from orders) o on user_id = c.x | no
          countries c join orders o on o.country = c.code                     | local
          orders o full join countries c on o.country = c.code                | no
          orders o join users u on o.user_id = 5 and u.id = 5                 | no
          orders o join people p on p.id = o.user_id                          | no
          orders o join plain_notes n on true                                 | no
          people p join visits v on v.person = p.id                           | no
          people p join visits v on v.person = p.id and v.region = p.region   | local
          people p join visits v on v.person = p.id and v.region = 'eu' where p.region = 'eu' | local
          people p join visits v on v.person = p.id and v.region = 'us' where p.region = 'eu' | no
          (select * from orders) o                                            | local
          (select x from orders) o                                            | local
          (select x from orders limit 5) o                                    | no
          (select count(*) from orders) o                                     | no
          (select (select max(o.x)) as m from orders o) o                     | no
          (select o.x, (select max(c.x) from countries c) as m from orders o) o | local
          (select distinct x from orders) o                                   | no
          (select distinct user_id from orders) o                             | local
          (select x, count(*) from orders group by x) o                       | no
          (select user_id, count(*) from orders group by user_id) o           | local
          (select count(*) from orders group by user_id) o                    | local
          (select user_id as u, count(*) from orders group by 1) o join users on id = u | local
          (select user_id, count(*) from orders group by rollup (user_id)) o  | no
          (select user_id, sum(x) over (partition by user_id) from orders) o  | local
          (select user_id, sum(x) over (partition by x) from orders) o        | no
          (select count(*) from people group by id) p                         | no
          (select id, count(*) from people group by id) p                     | no
          (select count(*) from people group by region, id) p                 | local
          (select count(*) from people where region = 'eu' group by id) p     | local
          (select x, sum(x) over (partition by id) from people) p             | no
          (select x, sum(x) over (partition by region, id) from people) p     | local
          (select user_id from orders union all select id from users) o       | local
          (select user_id from orders union all select x from users) o        | no
          (select user_id from orders union all select id from countries) o   | no
          (select user_id from orders except select id from countries) o      | no
          (select user_id from orders except select x from users) o           | no
          (select user_id from orders except select user_id from carts) o     | local
          (select user_id from orders intersect select id from countries) o   | no
          (select user_id from orders intersect select id from users) o       | local
          (select x from orders except select x from users) o                 | no
          (select user_id from orders union all select id from users limit 3) o | no
          users u where u.x in (select x from countries union all select 1 limit 3) | no
          users u where u.x in (select x from countries union all select 1 offset 3) | no
          users u where u.x in (select x from countries union all select 1 fetch first 3 rows only) | no
          users u where u.x in (select x from countries union all (select 1 limit 3)) | local
          (select user_id from orders) o join users u on u.id = o.user_id     | local
          users u left join (select user_id, count(*) from orders group by user_id) o on o.user_id = u.id | local
          users u, lateral (select * from orders o where o.user_id = u.id order by x limit 3) l | local
          users u, lateral (select * from orders o where o.x = u.x limit 3) l | no
          users u left join lateral (select sum(x) from orders o where o.user_id = u.id) l on true | local
          users u where exists (select 1 from orders o where o.user_id = u.id) | local
          users u where not exists (select 1 from orders o where o.user_id = u.id) | local
          users u where exists (select 1 from orders o where o.x = u.x)       | no
          users u where u.id in (select user_id from orders)                  | local
          users u where u.id not in (select user_id from orders)              | local
          users u where u.x in (select user_id from orders)                   | no
          users u where u.id in (select user_id from orders limit 3)          | no
          users u where u.id in (select user_id from orders) or u.x = 1       | local
          users u where u.x > (select avg(x) from orders)                     | no
          users u where u.x > (select avg(x) from orders o where o.user_id = u.id) | local
          users u where u.x > (select avg(x) from countries)                  | no
          users u where u.x > (select avg(x::numeric) from countries)         | local
          users u where u.x > (select pg_catalog.sum(x) from countries)       | no
          users u where u.x > (select sum(cast(x as integer)) from countries) | local
          users u where u.x > (select corr(x::int, x::int) from countries)    | no
          users u where u.x > (select regr_count(x, x) from countries)        | local
          users u where u.x > (select max(x) from countries)                  | local
          users u join (select stddev(x) as d from countries) c on true       | no
          users u where u.x > (select x from countries limit 1)               | no
          users u where u.x = any (select x from countries)                   | local
          users u join (select distinct on (x) * from countries) c on true    | no
          users u join (select array_agg(x) as a from countries) c on true    | no
          users u join (select jsonb_object_agg_unique(code, x) as a from countries) c on true | no
          users u join (select json_agg_strict(x) as a from countries) c on true | no
          users u join (select range_agg(x) as a from countries) c on true    | local
          users u join (select array(select x from countries) as a) c on true | no
          users u join (select array(select x from countries order by x) as a) c on true | local
          users u join (select array(select x from countries order by code) as a) c on true | no
          users u where u.x = array(select x from countries union select x from countries) | no
          users u where u.x = array((select x from countries where code = u.y)) | no
          users u where u.x = array(select x from countries order by x, code) | local
          users u join (select *, row_number() over () from countries) c on true | no
          users u tablesample bernoulli (10)                                  | local
          users u join (values (1), (2)) v (x) on v.x = u.x                   | local
          users u join (values (1), (2)) v (x) on v.x = u.id join orders o on o.user_id = v.x | local
          users u join (values (?::bigint)) v (x) on v.x = u.id join orders o on o.user_id = v.x | local
          users u join (values (?)) v (x) on v.x = u.id join orders o on o.user_id = v.x | no
          users u join (values (1), (?)) v (x) on v.x = u.id join orders o on o.user_id = v.x | no
          users u join (select ? as x) v on v.x = u.id join orders o on o.user_id = v.x | no
          users u join (select x from (values (?)) v (x)) v on v.x = u.id join orders o on o.user_id = v.x | no
          users u join unnest(?) v (x) on v.x = u.id join orders o on o.user_id = v.x | no
          users u join unnest(?::bigint[]) v (x) on v.x = u.id join orders o on o.user_id = v.x | local
          users u join generate_series(1, 3) g on true                        | local
          """)
  void isLocal(String from, String local) {
    Query query = new Query("select 1 from " + from);
    assertThat(query.locality.isLocal(query.select())).isEqualTo(local.equals("local"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          select (select max(id) from users) from orders                      | no
          select (select max(x) from users u where u.id = user_id) from orders | no
          select (select max(u.x) from users u where u.id = o.user_id) from orders o | local
          select array(select x from countries), count(*) from orders group by 1 | no
          select array(select x from countries order by 1), count(*) from orders group by 1 | local
          select array(select c.x from carts c where c.user_id = o.user_id) from orders o | local
          select 1 from orders o order by (select max(x) from users)          | no
          select 1 from countries c, lateral (select c.*, count(*) from orders o) l | no
          select 1 from countries c, lateral (select c.*, o.x from orders o) l | local
          select 1 from orders o group by x having count(*) > (select count(*) from users) | no
          with o as (select * from orders) select * from o                    | local
          with o as (select * from orders) select * from o, o p where o.user_id = p.user_id | local
          with o as (select * from orders) select * from o, o p               | no
          with o as (select x from orders) select * from o                    | local
          with o as (select x from orders limit 1) select * from o            | no
          with o as (select max(x) as x from orders) select * from o, users   | no
          with o as (select max(x) as x from orders) select * from users      | local
          with recursive t (k) as (select user_id from orders union all select o.user_id from orders o, t where o.user_id = t.k) select * from t | local
          with recursive t (k) as (select user_id from orders union all select o.user_id from orders o, t where o.x = t.k) select * from t | no
          with d as (delete from orders returning user_id) select 1 from users | no
          """)
  void isLocalWithAllItsClauses(String sql, String local) {
    Query query = new Query(sql);
    assertThat(query.locality.isLocal(query.select())).isEqualTo(local.equals("local"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          user_id from orders                                                 | key
          orders.user_id from orders                                          | key
          x from orders                                                       | no
          user_id + 1 from orders                                             | no
          lower(name) from orders                                             | no
          u.id from orders o join users u on u.id = o.user_id                 | key
          u.id from orders o left join users u on u.id = o.user_id            | no
          o.user_id from orders o left join users u on u.id = o.user_id       | key
          u.id from orders o left join users u on u.id = o.user_id where u.x = 1 | key
          u.id from orders o, users u                                         | no
          user_id from orders o join carts c using (user_id)                  | key
          k from (select user_id as k from orders) o                          | key
          k from (select x as k from orders) o                                | no
          k from (select user_id as k from orders union all select id from users) o | key
          code from countries                                                 | no
          v.x from orders o join (values (1)) v (x) on v.x = o.user_id        | no
          id from people                                                      | no
          id from people where region = 'eu'                                  | key
          region from people                                                  | no
          """)
  void isKey(String query, String key) {
    Query read = new Query("select " + query);
    PlainSelect select = read.select();
    assertThat(read.locality.isKey(select, select.getSelectItem(0).getExpression()))
        .isEqualTo(key.equals("key"));
  }

  @Test
  void namesAllTables() {
    Query query =
        new Query(
            "with c as (select * from carts) select (select max(x) from users) from orders o"
                + " left join c on c.user_id = o.user_id left join people on id = o.user_id"
                + " where o.x in (select x from countries) and exists (select 1 from c)");
    assertThat(
            query.locality.uses().stream()
                .map(use -> use.table().name() + (use.nullable() ? "?" : ""))
                .sorted()
                .collect(Collectors.joining(" ")))
        .isEqualTo("carts countries orders people? users");
  }

  private static final class Query {
    final ParsedStatement statement;
    final Locality locality;

    Query(String sql) {
      statement = ParsedStatement.of(sql);
      QueryReader reader =
          new QueryReader(statement, SearchPath.DEFAULT, Registrations.of(TestShards.TOPOLOGY));
      reader.query((Select) statement.tree(), Ctes.NONE, null, null);
      locality = new GraphLocality(reader.blocks(), reader.uses());
    }

    PlainSelect select() {
      return (PlainSelect) statement.tree();
    }
  }
}

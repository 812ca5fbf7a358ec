package dev.shardwright.router.internal.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to put an answer together gives what one PostgreSQL with all rows gives. */
class AnswersIT {
  private static final String SCHEMA =
      """
      create type mood as enum ('sad', 'ok', 'happy');
      create table regions (id int primary key, name text not null, parent int);
      insert into regions values (1, 'North', null), (2, 'South', null), (3, 'Harz', 1), (4, 'Empty', 2);
      create table users (
        user_id bigint primary key, name text not null, city text, region_id int,
        score numeric(10,2), rate float8, small float4, joined timestamptz, born date,
        active boolean, tags text[], prefs jsonb, mood mood, nick text collate "de-x-icu",
        code varchar(5), fixed char(4), span interval, raw bytea, flags int, bits bit(4));
      insert into users
      select i, 'user ' || i, (array['Bonn', 'Ulm', null, 'bonn', 'Köln'])[1 + i % 5], 1 + i % 4,
        case when i % 7 > 0 then round((i * 37 % 1000) / 3.0, 2) end, i / 8.0, i / 4.0,
        timestamptz '2026-01-01 00:00:00+00' + i * interval '7 hours', date '1990-01-01' + i % 9,
        case when i % 6 > 0 then i % 2 = 0 end, array['a' || i % 3, 'b'],
        jsonb_build_object('n', i % 4, 's', 'x' || i % 2), (array['sad', 'ok', 'happy'])[1 + i % 3]::mood,
        (array['Äpfel', 'apfel', 'Zebra', 'zoo', null, 'Apfel'])[1 + i % 6], 'c' || i % 4,
        'f' || i % 3, i % 5 * interval '90 minutes', decode(lpad(to_hex(i), 4, '0'), 'hex'), i % 16,
        (i % 16)::bit(4)
      from generate_series(1, 60) i;
      create table orders (
        user_id bigint, id int, amount int, total numeric, status text, placed timestamptz,
        primary key (user_id, id));
      insert into orders
      select u, n, (u * 31 + n * 17) % 100, (u * 7 + n)::numeric / 4, (array['new', 'paid', 'sent'])[1 + (u + n) % 3],
        timestamptz '2026-01-05 10:00:00+00' + (u * 3 + n) * interval '5 hours'
      from generate_series(1, 40) u, generate_series(1, 3) n where (u + n) % 4 > 0;
      create table empties (user_id bigint primary key, value int);
      """;

  private static final @Nullable Object NOTHING = null;

  private static AnswerLab lab;

  @BeforeAll
  static void fill() throws SQLException {
    lab =
        new AnswerLab(
            SCHEMA,
            Map.of("users", "user_id", "orders", "user_id", "empties", "user_id"),
            Set.of("regions"));
  }

  @AfterAll
  static void drop() throws SQLException {
    lab.close();
  }

  @Test
  void sortsTheRowsOfAPartWithoutTheCollationsOfItsKeys() throws SQLException {
    MergeRows answer =
        (MergeRows) lab.answers("select name, user_id from users order by 1, 2 limit 5").get(0);

    List<String> plan = lab.plan(answer.part());

    assertThat(answer.hidden()).isEqualTo(2);
    assertThat(plan).containsSequence("->  Sort", "Output: users.name, users.user_id");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select user_id, name from users order by user_id",
        "select user_id from users order by user_id desc limit 7",
        "select user_id from users order by city nulls first, user_id limit 5 offset 10",
        "select user_id, score from users order by score desc, 1 limit 9",
        "select * from users order by user_id fetch first 4 rows only",
        "select *, user_id + 1 as next from users order by next desc limit 3",
        "select u.* from users u order by -user_id offset 55",
        "select active, *, user_id + 1 as next from users order by nick, user_id limit 3",
        "select u.*, -u.user_id, r.*, 1 as one from users u join regions r on r.id = u.region_id"
            + " order by nick, user_id limit 3",
        "select name as user_id from users order by user_id desc limit 4",
        "select -user_id as user_id from users order by user_id limit 4",
        "select user_id + 0 as n from users order by lower(name), user_id limit 5",
        "select nick as c2, user_id as c1 from users order by nick, user_id desc limit 9",
        "select distinct city from users order by city",
        "select distinct city, active from users order by active desc nulls last, city limit 6"
            + " offset 2",
        "select distinct user_id, city from users order by city, user_id limit 3",
        "select distinct active from users order by 1",
        "select distinct user_id from users u left join orders o using (user_id) order by u.user_id",
        "select score from users order by score fetch first 8 rows with ties",
        "select u.user_id, r.name from users u join regions r on r.id = u.region_id order by r.name"
            + " desc, u.user_id limit 12",
        "select o.user_id, o.id, u.name from orders o join users u on u.user_id = o.user_id order"
            + " by o.id, o.user_id desc limit 10",
        "select user_id, sum(amount) from orders group by user_id order by 2 desc, user_id limit 5",
        "select user_id, count(*) from orders group by user_id having count(*) > 2 order by"
            + " sum(amount) desc, user_id limit 5",
        "select user_id, id, row_number() over (partition by user_id order by amount, id) from"
            + " orders order by user_id, id limit 10",
        "select nick, user_id from users order by nick, user_id",
        "select nick from users order by nick collate \"C\" desc, user_id limit 20",
        "select distinct nick from users order by nick",
        "select mood, user_id from users order by mood desc, user_id",
        "select distinct prefs from users order by prefs",
        "select span, tags from users order by span desc, tags, user_id limit 10",
        "select fixed, bits, code, raw from users order by fixed, bits, code, raw, user_id limit"
            + " 10",
        "select now() - now() as zero, current_date - current_date, user_id from users order by"
            + " user_id limit 2",
        "select user_id from users where joined < now() order by user_id limit 3",
        "select user_id from users order by user_id limit all offset 58",
        "select user_id from users order by user_id limit null offset 58",
        "select user_id from users where user_id in (select id from regions) order by 1",
        "select user_id, (select max(r.name) from regions r where r.id > 2) from users order by 1"
            + " limit 3",
        "select u, user_id from users u order by user_id limit 2",
        "select user_id, t.tag from users, unnest(tags) as t(tag) order by 1, 2",
        "select user_id from users where flags = any (array[2, 3]) and 'b' = any(tags) and flags <>"
            + " all (array[9]) order by 1",
        "select user_id, array(select r.id from regions r where r.id >= u.region_id order by r.id)"
            + " from users u order by 1 limit 5",
        "select 'x' as label, user_id from users order by label, user_id limit 2",
        "select distinct on (user_id) user_id, id from orders order by user_id, amount desc, id",
        "select user_id, user_id, name as user_id from users order by name limit 3",
        "select o.* from orders o join users u using (user_id) order by score, user_id, id limit 9",
        "select e.*, name as value2 from users left join empties e using (user_id) order by user_id,"
            + " name",
        "select name as a, name as \"A\", \"name\" from users order by \"A\" limit 3",
        "select user_id from users order by score nulls first, rate desc limit 0",
        "select score from users order by score desc nulls last offset 3 fetch next 5 "
            + "rows with ties",
        "select nick from users order by nick collate \"C\", user_id desc offset 3 rows "
            + "fetch first row only",
        "select lower(name) as name from users order by name desc limit 3",
        "select extract(day from joined) as day, user_id from users order by day, "
            + "user_id limit 5",
        "select case when active then 'yes' when not active then 'no' end as active, "
            + "user_id from users order by active nulls first, 2 limit 7",
        "select u.*, r.* from users u join regions r on r.id = u.region_id order by "
            + "u.user_id limit 2",
        "select (u).name, user_id from users u order by (u).name limit 2",
        "select user_id as o, count(*) from orders group by o order by o limit 4",
        "select u.user_id, count(o.id) from users u left join orders o on o.user_id = "
            + "u.user_id group by u.user_id order by 2 desc, 1 limit 6",
      })
  void ordersAndCutsRows(String sql) throws SQLException {
    check(MergeRows.class, sql, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select distinct * from empties order by value",
        "select distinct *, lower(name) from users order by lower(name), user_id limit 5",
        "select distinct *, user_id from users order by 1 desc limit 5",
        "select distinct * from users join orders using (user_id) order by user_id, id limit 9",
        "select distinct o.* from users u join orders o using (user_id) order by o.user_id, o.id",
        "select user_id from users order by user_id limit 1 + 2 offset 1 + 1",
        "select user_id, unnest(tags) as t from users order by t, user_id limit 7",
        "select distinct unnest(tags) as t from users order by t",
      })
  void combinesRows(String sql) throws SQLException {
    check(Combine.class, sql, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select user_id, name, score from users",
        "select distinct city, mood from users",
        "select * from users where active",
        "select now() is null, localtime is null, current_timestamp(2) is null, age(joined) is null"
            + " from users",
      })
  void takesRowsInAnyOrder(String sql) throws SQLException {
    check(MergeRows.class, sql, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select count(*) from users",
        "select count(*), sum(amount), min(amount), max(amount) from orders",
        "select count(*), sum(value), max(value) from empties",
        "select city, count(*) from users group by city order by city",
        "select city, count(*) from users group by city order by count(*) desc, city limit 2",
        "select city, active, count(*) as n, bool_and(active), bool_or(active) from users group by"
            + " 1, 2 order by n, city, active desc",
        "select upper(status), sum(total), count(*) filter (where amount > 50) from orders group by"
            + " status order by status desc",
        "select status as s, count(*) from orders group by s order by s limit 2",
        "select date_trunc('day', placed) as day, count(*) from orders group by day order by day"
            + " desc limit 5 offset 1",
        "select bit_and(flags), bit_or(flags), bit_xor(flags) from users",
        "select count(distinct user_id) from orders",
        "select region_id, count(*) from users group by region_id order by region_id desc limit 3",
        "select r.name, sum(o.amount) from orders o join users u using (user_id) join regions r on"
            + " r.id = u.region_id group by r.name order by 1",
        "select count(*) from orders limit 1",
        "select count(*) from orders offset 1",
        "select sum(amount), 1 from orders where amount > 1000",
        "select min(name), max(nick) from users",
        "select max(fixed), bit_and(bits), max(mood) from users where false",
        "select nick, count(*) from users group by nick order by nick desc",
        "select user_id, current_date - current_date as d from users group by user_id "
            + "order by user_id limit 2",
        "select city, count(*) from users group by city, 'x'::text order by city",
        "select avg(amount), avg(total), avg(amount * 1.5) from orders",
        "select avg(rate), avg(score), avg(span), avg(user_id), avg(user_id::int2) from users",
        "select city, avg(score) from users group by city order by avg(score) desc nulls last,"
            + " city",
        "select city as c2, avg(score) as c1 from users group by city order by city",
        "select mood, avg(flags) from users group by mood order by mood desc",
        "select date_trunc('month', placed)::date as month, avg(total) as mean from orders group by"
            + " month order by month",
        "select flags % 3 as k, name is null as k, avg(flags) as \"A b\" from users group by 1, 2"
            + " order by 1",
        "select city, avg(flags) as flags from users group by city order by flags desc, 1",
        "select city || '!' as city, avg(flags) from users group by city order by city",
        "select avg(value), count(value), avg(user_id) filter (where user_id < 3) from empties",
        "select city, avg(score) filter (where active), avg(score), sum(score) from users group by"
            + " city order by 3, city limit 3",
      })
  void mergesGroups(String sql) throws SQLException {
    check(MergeGroups.class, sql, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select user_id as c2, count(*) over () as c1 from users order by -user_id, city limit 9",
        "select status, count(distinct user_id), count(distinct amount) from orders group by status"
            + " order by 1",
        "select city, sum(flags) + 1 as s, max(score) - min(score) from users group by city having"
            + " count(*) > 5 order by s, city",
        "select count(*) from orders having count(*) > 1000",
        "select case when count(*) > 3 then 'many' else 'few' end as c, status from orders group by"
            + " status order by 2",
        "select city, active, grouping(city, active), count(*), sum(score) from users group by"
            + " rollup(city, active) order by 1, 2, 3, 4",
        "select city, active, count(*) from users group by cube(1, 2) order by 1 nulls first, 2"
            + " desc, 3",
        "select city, active, count(*) from users group by grouping sets ((city, active), active,"
            + " ()) order by 1, 2, 3",
        "select city, count(*) from users where user_id < 0 group by rollup(city)",
        "select count(value), sum(value), avg(value) from empties having true",
        "select count(distinct city), count(distinct active) from users",
        "select count(distinct city) filter (where active), sum(distinct flags) from users",
        "select active, string_agg(distinct code, ',' order by code desc) from users group by"
            + " active order by 1",
        "select active, array_agg(distinct city), json_agg(distinct code) from users group by"
            + " active order by active",
        "select stddev(amount), stddev_pop(amount), variance(amount), var_pop(amount),"
            + " stddev_samp(total), var_samp(total) from orders",
        "select status, stddev(total), stddev(amount::numeric * amount * 1000003.01) from orders"
            + " group by status order by 1",
        "select user_id % 7 as m, stddev(score), var_pop(score) from users group by m order by m",
        "select stddev(value), stddev_pop(value) from empties",
        "select city, unnest(array_agg(distinct flags)) from users where flags < 4 group by city"
            + " order by 1, 2",
        "select city, array(select id from regions order by id), exists (select 1 from regions r"
            + " where r.id = 3), avg(flags) from users group by city order by city",
        "select stddev(user_id), stddev_pop(user_id), var_pop(user_id) from users where user_id ="
            + " 5",
        "select stddev(flags) from users where flags = 3",
        "select status, rank() over (order by count(*) desc), sum(count(*)) over () from orders"
            + " group by status order by 2, 1",
        "select distinct count(*) from users group by city order by 1",
        "select lower(nick), max(nick), count(*) + 0 from users group by 1 order by lower(nick)",
        "select r.id, r.name, avg(u.score) from users u join regions r on r.id = u.region_id group"
            + " by r.id order by r.id",
        "select city, (select max(r.name) from regions r), avg(flags) from users group by city"
            + " order by city limit 2 offset 1",
        "select avg(amount) filter (where status = 'paid') * 2, every(amount >= 0) from orders",
        "select sum(span), max(joined) - min(joined), avg(age(joined)) is null from users",
        "select sum(rate) > 1, coalesce(sum(value), 0) from users left join empties using"
            + " (user_id)",
        "select count(*) + 0, count(distinct o.user_id) from orders o join users u on o.user_id ="
            + " u.user_id",
        "select code, -count(*) as count from users group by code order by count desc, code",
        "select max(name) from users group by city having avg(score) > (select 100) order by 1",
        "select sum(case when active then flags else 0 end) * 100 / count(*) as share "
            + "from users",
        "select coalesce(city, 'none') as city, avg(score)::numeric(6, 2) from users "
            + "group by coalesce(city, 'none') order by 1",
        "select max(flags) - min(flags) as d, city from users group by city having "
            + "bool_or(active) order by abs(max(flags) - 7), city",
        "select avg(flags), now() is not null, current_date - min(born) > 0 from users "
            + "group by active order by active nulls first",
        "select count(*) * 2 from users group by ()",
        "select active, avg(flags) from users group by rollup(active) having "
            + "grouping(active) = 0 order by 1",
        "select round(avg(score), 1) as r, count(*) from users where nick is not null "
            + "group by nick collate \"C\" order by nick collate \"C\" desc",
        "select city, sum(avg(flags)) over (partition by city is null order by city) "
            + "from users group by city order by city",
      })
  void combinesGroups(String sql) throws SQLException {
    check(Combine.class, sql, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select user_id, row_number() over (order by score desc nulls last, user_id) from users"
            + " order by 2 limit 7",
        "select *, rank() over (order by joined) as r from users order by r desc limit 3",
        "select user_id, sum(flags) over w as s, avg(score) over w from users window w as"
            + " (partition by city order by user_id) order by user_id",
        "select distinct on (city) city, user_id, name from users order by city, user_id desc",
        "select distinct on (city) * from users order by city, user_id",
        "select flags as f, *, rank() over (order by joined) as r from users order by r limit 3",
        "select array_agg(user_id order by user_id desc) from users where active",
        "select city, string_agg(name, ', ' order by user_id) from users group by city order by 1",
        "select percentile_cont(0.5) within group (order by score), mode() within group (order by"
            + " city) from users",
        "select corr(user_id, rate), regr_slope(rate, user_id) from users",
        "select round(stddev(rate)::numeric, 9), avg(small), sum(small) from users",
        "select count(*) over (), user_id from users order by user_id limit 2",
        "select lag(name, 1, 'none') over (order by user_id), (select max(r.id) from regions r)"
            + " from users order by user_id limit 3",
        "select json_object_agg(user_id, tags order by user_id) from users where user_id < 9",
        "select mood, jsonb_agg(prefs order by user_id) from users group by mood having count(*) >"
            + " 1 order by mood",
        "select city as c, array_agg(user_id order by user_id) from users group by c order by c"
            + " desc",
        "select city, active, array_agg(user_id order by user_id) from users group by rollup(city,"
            + " active) order by 1, 2",
        "select city, lower(city), array_agg(user_id order by user_id) from users group by city"
            + " order by lower(city), city",
        "select ntile(4) over (order by user_id), first_value(u) over (order by user_id) from users"
            + " u order by u.user_id limit 3",
      })
  void combinesRowsUnderUpperClauses(String sql) throws SQLException {
    check(Combine.class, sql, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select a.user_id, b.user_id from users a join users b on a.city = b.city and a.user_id <"
            + " b.user_id order by 1, 2",
        "select count(*) from users u where exists (select 1 from orders o where o.amount ="
            + " u.user_id)",
        "select u.name from public.users u left join orders o on o.amount = u.user_id and o.status"
            + " = 'new' where u.user_id < 20 order by u.name",
        "select user_id from users where user_id < 5 union select user_id from orders where amount"
            + " > 90 order by 1",
        "select * from (select city, count(*) as n from users group by city) s where n > 3 order by"
            + " 1",
        "with big as (select * from orders where amount > 50) select count(*), max(amount) from"
            + " big",
        "select r.name, count(u.user_id) from regions r left join users u on u.region_id = r.id and"
            + " u.active group by r.name order by 1",
        "select name from users where score > (select avg(score) from users) order by name",
        "select a.user_id from users a join users b on b.user_id = a.user_id + 1 and b.active and"
            + " a.flags > 3 where b.score > 50 order by 1",
        "select a.user_id, b.user_id from users a left join users b on b.user_id = a.user_id + 1"
            + " and b.active and a.flags > 3 order by 1, 2",
        "select a.user_id, b.user_id from users a right join users b on b.user_id = a.user_id + 1"
            + " and b.active and a.flags > 3 order by 1, 2",
        "select a.user_id, b.user_id from users a left join users b on b.user_id = a.user_id + 1"
            + " where b.flags is null order by 1",
        "select a.user_id, b.user_id from users a full join users b on b.user_id = a.user_id + 1"
            + " and a.active where b.flags is null order by 1",
        "select a.user_id from users a left join users b on b.flags = a.flags and b.user_id < 5"
            + " join users c on c.user_id = a.user_id + 3 and b.active where a.user_id < 30 order"
            + " by 1",
        "select city, avg(flags), max(region_id) in (select id from regions) from users group by"
            + " city order by city",
        "select o.user_id, o.id from orders o left join users u on u.user_id = o.amount where"
            + " u.flags is null order by 1, 2",
        "select o.user_id, u.user_id from orders o right join users u on u.user_id = o.amount and"
            + " u.flags > 3 and o.id = 1 order by 2, 1",
        "select o.user_id, u.user_id from orders o full join users u on u.user_id = o.amount and"
            + " u.flags > 3 and o.id = 1 order by 2, 1, o.id",
        "select o.user_id, u.user_id from orders o left join users u on u.user_id = o.amount and"
            + " u.flags > 3 and o.id = 1 order by 1, o.id, 2",
        "select x, y from users as u(x, y, z) where x < 9 and exists (select * from orders o where"
            + " o.amount = u.x and o.status <> 'paid') order by x",
        "select to_json(u.*)::text, count(*) over () from users u join orders o on o.amount ="
            + " u.user_id and o.id = 1 order by u.user_id, o.user_id limit 3",
        "select a.user_id from users a, users b where b.user_id = a.flags and a.joined > now() -"
            + " interval '1 day' and b.joined < current_timestamp order by 1",
        "select u.name, v.name from users u natural join (select user_id + 1 as user_id, name as"
            + " other from users) v(user_id, name) order by 1",
        "select public.users.name from public.users join public.orders on public.orders.amount ="
            + " public.users.user_id where public.users.flags > 2 order by 1",
        "with users as (select * from public.users where flags > 3) select count(*) from users join"
            + " orders on amount = users.user_id",
        "select u.user_id, x.n from users u, lateral (select count(*) as n from orders o "
            + "where o.amount = u.user_id) x order by 1",
        "select count(*), min(d) from (select distinct city as d from users) s",
        "select user_id from (select user_id, score from users order by score desc nulls "
            + "last, user_id limit 5) s order by user_id",
        "(select user_id from users order by user_id limit 2) union all (select user_id "
            + "from orders order by user_id desc, id limit 2) order by 1",
        "select 'x' as label, count(*) from users group by label",
        "select flags as user_id, count(*) from users group by user_id order by 1, 2",
        "select flags as user_id, avg(score) from users group by user_id order by 1, 2",
        "select r.parent as id, count(*) from users u join regions r on r.id = u.region_id group by"
            + " id order by 1, 2",
      })
  void gathersTheRest(String sql) throws SQLException {
    check(Gather.class, sql, true);
  }

  @Test
  void takesParameters() throws SQLException {
    check(
        MergeRows.class, "select user_id from users order by user_id limit ? offset ?", true, 3, 4);
    check(
        MergeRows.class,
        "select user_id from users order by user_id limit $1::int offset $2",
        true,
        3,
        null);
    check(MergeRows.class, "select user_id from users order by 1 limit ?", true, NOTHING);
    check(
        MergeRows.class,
        "select user_id from users order by 1 limit ? offset ?",
        true,
        Long.MAX_VALUE,
        Long.MAX_VALUE);
    check(MergeRows.class, "select user_id from users order by 1 limit $1 offset $1", true, 5L);
    check(MergeRows.class, "select ? as label, user_id from users order by label, 2", true, "x");
    check(
        MergeRows.class,
        "select user_id from users order by name || ?, user_id fetch first (?) rows only",
        true,
        "x",
        4);
    check(
        Combine.class,
        "select city || $1 as c, avg(flags) + $2 from users group by city having avg(flags) > $2"
            + " order by avg(flags) * $2 desc, city || $1 limit $2",
        true,
        "x",
        2);
    check(
        Gather.class,
        "select a.user_id from users a join users b on b.flags = a.user_id where a.score > $1 and"
            + " b.score > $1 and a.user_id < $2 order by 1, b.user_id",
        true,
        50,
        9);
    check(
        MergeRows.class,
        "select user_id from users where city = $1 or city = upper($1) order by user_id + $2::int",
        true,
        "Bonn",
        1);
    check(
        MergeGroups.class,
        "select city, count(*) from users where score > ? group by city order by city limit ?",
        true,
        10,
        3);
  }

  private static void check(Class<?> first, String sql, boolean ordered, @Nullable Object... values)
      throws SQLException {
    AnswerLab.Rows expected = lab.expected(sql, values);
    List<Answer> answers = lab.answers(sql);
    assertThat(answers.get(0)).as(sql).isInstanceOf(first);
    boolean fits = false;
    for (Answer answer : answers) {
      Optional<AnswerLab.Rows> rows = lab.run(answer, sql, values);
      if (rows.isPresent()) {
        fits = true;
        assertThat(rows.get().names()).as("names: " + answer).isEqualTo(expected.names());
        if (ordered) {
          assertThat(rows.get().rows()).as(answer.toString()).isEqualTo(expected.rows());
        } else {
          assertThat(rows.get().rows())
              .as(answer.toString())
              .containsExactlyInAnyOrderElementsOf(expected.rows());
        }
      }
    }
    assertThat(fits).as("an answer fits").isTrue();
  }
}

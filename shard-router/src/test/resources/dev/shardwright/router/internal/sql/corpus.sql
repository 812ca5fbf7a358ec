-- Statements of PostgreSQL's syntax, one a line. Each is either refused, or PostgreSQL must read
-- the same in what is printed from its tree.

-- plain
select 1
select
select *
select * from t
select t.* from t
select t.*, u.* from t, u where t.k = u.k
select all a from t
select distinct a from t
select distinct on (a) a, b from t order by a, b desc
select distinct on (a, lower(c)) a, b from t order by a, lower(c), b
select a as b, b as "B", c d, x "y z" from t
select a as select, b as from, c as where, x as order from t
select a value, b name, c type from t
select t.a as "a""b" from t as t
select public.t.a, public.t.* from public.t
select sales.t.a from sales.t
select "a", "c" from "t"
select A, "a" from T where K = 1
select a from t; 
select /* hint */ a -- and more
table t
table only t
values (1, 'a'), (2, 'b')
values (1), (2), (3) order by 1 desc limit 2
values (?::int, ?::text)
select a from only t
select a from only (t)
select a from t *
select a from t as x (k1, a1)
select x.k1 from t x (k1)
(select a from t)
((select a from t))
(select a from t) order by a limit 1
(select a from t order by b limit 1) order by a
select "userId", "Line No", "from" from "Order Lines" where "userId" = 1
select "Order Lines".* from "Order Lines"
select a, from_t.b from t from_t

-- literals
select 'it''s', E'it\'s\n', U&'d\0061t\+000061', U&'d!0061' uescape '!', $$it's$$, $q$ $$ $q$
select 'a' 'b'
select 'a' || 'b' || 'c'
select B'101', X'1F', N'abc'
select 1, 1.5, .5, 5., 1e10, 1.5e-3, 0x1F, 0b11, 0o17, 1_000
select -1, - 1, +1, - -1, -(-1), 1 - -1, 1 - - 1, 2 - 1
select true, false, null, TRUE, unknown from (select 1 as unknown) s
select null is null, true is true, true is not false, null is unknown, false is not unknown
select interval '1 day', interval '1' day, interval '1-2' year to month, interval '3 4:05' day to minute, interval(3) '1.2345 s', interval '1.5' second(1)
select date '2020-01-01', time '12:00', timestamp '2020-01-01 00:00', timestamp with time zone '2020-01-01 00:00+00', timestamptz '2020-01-01', time with time zone '12:00+01', timestamp(3) '2020-01-01'
select bigint '1', int4 '2', numeric(10,2) '1.5', text 'x', bool 't', double precision '1.5', jsonb '{"a":1}', character varying(3) 'abc', bit varying '101'
select float8 '1', uuid '00000000-0000-0000-0000-000000000000', json '{}', int[] '{1,2}'
select '{1,2}'::int[], '1'::int, '1'::bigint::text, 'a'::varchar(3), '1.5'::numeric(10,2), '1'::double precision, '2020-01-01'::timestamp with time zone, '12:00'::time without time zone, 'x'::character varying(10), '1'::bit(3), 'x'::"char", 'x'::pg_catalog.text, '{}'::int[][], '{}'::int array, '{}'::int[3], '1 day'::interval day to second, '1'::interval(3)
select cast(1 as text), cast('1' as numeric(10, 2)), cast(a as double precision), cast(? as bigint), cast('{1}' as int[]), cast('1' as character varying(10)), cast(d as timestamp(3) with time zone) from t
select 'x' as "?", '??'
select ''
select '', '''', ''''''
select E'\\', '\', E'\'', '\\'
select 'select 1; drop table t', '--', '/*', '*/', '$$', '"', '?', '$1'

-- parameters
select a from t where k = ?
select a from t where k = $1
select a from t where k = $2 and a = $1 and b = $2
select a from t where k in (?, ?, ?)
select a from t where k = any(?)
select a from t where k = any (?::bigint[])
select a from t where k = ?::int8 or k = cast(? as int8)
select a from t where k=? and a>? and b<>?
select ?::int + ?::int, ?::text || ?::text
select a from t order by a limit ? offset ?
select a from t where (k, a) = (?, ?)
select coalesce(?::int, 1), greatest(?::int, 2)

-- operators
select a + b - a * b / nullif(a, 0) % 3 ^ 2 from t
select a + b * 2, (a + b) * 2, a * (b + 2), a - b - 1, a - (b - 1), 2 ^ 3 ^ 2, -2 ^ 2, - a ^ 2, a % b * 2, a / b / 2 from t
select a & b, a | b, a # b, ~ a, a << 1, a >> 1, a & b | 1, a | b & 1, a << 1 + 1 from t
select @ a, |/ f, ||/ f, 5 ! from t
select @ a, |/ f, ||/ f from t
select c || x, c || 1, c || a + 1, 'a' || 1 + 2 || 'b' from t
select c || x || 'z' = 'q' from t
select a = b, a <> b, a != b, a < b, a <= b, a > b, a >= b from t
select a=b,a<>b,a!=b,a<b,a<=b,a>b,a>=b,a=-1,a<-1,a>-b,a*-1,a- -1 from t
select c ~ 'x', c ~* 'x', c !~ 'x', c !~* 'x', c ~~ 'x', c !~~ 'x', c ~~* 'x', c !~~* 'x' from t
select c like 'x%', c not like 'x%', c ilike 'x', c not ilike 'x', c like 'x!%' escape '!', c similar to 'x', c not similar to 'x' escape '!' from t
select c ^@ 'x' from t
select c like any (array['a', 'b']), c ilike all (array['a']), c not like all (array['a']), c ~ any (array['a']) from t
select a between 1 and 2, a not between 1 and 2, a between symmetric 2 and 1, a not between symmetric 1 and b + 1, a between 1 and 2 and b between 3 and 4 from t
select a between 1 and 2 = true from t
select a in (1, 2), a not in (1, 2), (a, b) in ((1, 2), (3, 4)), a in (select a from u), (a, b) not in (select a, b from u), a in (1) from t
select a = any (array[1, 2]), a <> all ('{1,2}'), a = some (select a from u), a < any (select 1), a >= all (array[1]) from t
select (a, b) = (1, 2), (a, b) <> (1, 2), row(a, b) < row(1, 2), (a, b) = (select 1, 2), row(a) is null, (a, b) is not null, row(1, 2) is distinct from row(1, 3) from t
select a is null, a is not null, a isnull, a notnull from t
select a is distinct from b, a is not distinct from 1, a is distinct from null from t
select a is null and b is not null or c is null from t
select v is true, v is not true, v is false, v is not false, v is unknown, v is not unknown, not v, not v is true, not (v is true), not not v from t
select not a = b, not a = b and v, not (a = b and v), not a in (1), not exists (select 1), a = 1 is true, (a = 1) is true from t
select a = b is null, a < b is not null, a + 1 is null, a + b = c::int is true from t
select v and not v or v and v, v or v and v, (v or v) and v, not v or v from t
select v or a = 1 and b = 2 or c = 'x' from t
select v = (a = 1), v = a in (1) from t
select j -> 'a', j ->> 'a', j -> 'a' -> 0 ->> 'b', j #> '{a,b}', j #>> '{a}', j @> '{}', j <@ '{}', j ?? 'a', j ??| array['a'], j ??& array['a', 'b'], j - 'a', j - 1, j #- '{a}', j || '{}', j @?? '$.a', j @@ '$.a == 1' from t
select j -> 'a' = '1', j ->> 'a' = '1' and j ->> 'b' is null, j -> 'a' ->> 'b' || 'x', (j ->> 'a')::int + 1, j ->> 'a' || 'x' from t
select j['a'], j['a']['b'], j['a'][0] from t
select arr[1], arr[1:2], arr[:2], arr[1:], arr[:], arr[a], arr[a + 1], (arr || 1)[1], (array[1,2,3])[2], arr[1] + arr[2], ('{1,2}'::int[])[1] from t
select arr @> array[1], arr && '{1}', arr || 1, 1 || arr, arr = '{}', array_length(arr, 1), array[[1,2],[3,4]], array[]::int[], array(select a from u order by 1), array[a, b] from t
select p <-> point '(0,0)', p <@ box '((0,0),(1,1))', p ~= p, p << p, p ??- p from t
select d at time zone 'UTC', d at time zone interval '1 hour', d at time zone 'UTC' at time zone 'CET', day + time '12:00', d - interval '1 day', d + '1 day', d::date - day, extract(epoch from d), d at local from t
select c collate "C", c collate "C" < x, c < x collate "C", (c collate "C") || x, max(c collate "C") from t group by c, x
select c collate pg_catalog."C" from t
select a::text, a::text || b::text, -a::text, (-a)::text, - a::bigint, a::int + b::int, (a + b)::text, a::numeric(10, 2)::text, c::int = a, not v::boolean, arr::text[], arr[1]::text, t.a::text from t
select a operator(pg_catalog.+) b, a operator(pg_catalog.=) b from t
select d overlaps d, (d, d) overlaps (d, d) from t
select (d, interval '1 day') overlaps (d, d) from t
select a <-> b from (select 1::int4range as a, 2 as b) s
select a +b, a + b, a+b, a -b, a-b, a- b from t
select a*-b, a+-b, a/+b from t
select c is normalized, c is nfc normalized, c is not nfkc normalized from t
select c is json, c is not json, c is json object, c is json array with unique keys from t
select current_date - day, - - a, + a, -a - -b from t
select a = 1 = true from t
select (a = 1) = true, true = (a = 1), (a < b) <> v from t
select v = not v from t
select v = (not v) from t

-- functions and special syntax
select now(), current_timestamp, current_timestamp(3), current_date, current_time, localtime, localtime(0), localtimestamp, localtimestamp(2), current_user, session_user, user, current_role, current_catalog, current_schema
select count(*), count(a), count(distinct a), count(all a), sum(a), avg(b), min(c), max(d), count(distinct (a, b)) from t
select count(*) filter (where a > 1), sum(a) filter (where v and b = 1) from t
select string_agg(c, ','), string_agg(c, ',' order by a, b desc nulls last), string_agg(distinct c, ',' order by c), array_agg(a order by a), array_agg(distinct a) from t
select string_agg(c, ',' order by a) filter (where v) from t
select json_agg(t), jsonb_agg(t.*), json_object_agg(c, a), row_to_json(t) from t group by t.k
select percentile_cont(0.5) within group (order by a), percentile_disc(array[0.1, 0.9]) within group (order by a desc), mode() within group (order by c), rank(1) within group (order by a) from t
select percentile_cont(0.5) within group (order by f) filter (where v) from t
select stddev(a), var_pop(f), corr(f, f), regr_slope(f, f), bool_and(v), every(v), bit_or(a) from t
select coalesce(a, b, 0), nullif(a, 1), greatest(a, b), least(a, 1, b) from t
select case when a > 1 then 'x' when a > 0 then 'y' else 'z' end, case a when 1 then 2 when 2 then 3 end, case when v then case when v then 1 end else 2 end from t
select case when a = 1 or b = 2 and v then 1 else 0 end + 1, sum(case when v then 1 else 0 end) from t group by a, b, v
select extract(year from d), extract('month' from d), extract(day from interval '1 day'), date_part('year', d) from t
select substring(c from 1 for 2), substring(c from 2), substring(c for 2), substring(c, 1, 2), substring(c from 'x'), substring(c similar 'x#"y#"' escape '#'), overlay(c placing 'b' from 1), overlay(c placing 'b' from 1 for 2), position('a' in c), trim(c), trim(both from c), trim(both 'x' from c), trim(leading 'x' from c), trim(trailing from c), trim('x' from c) from t
select lower(c), upper(c), length(c), c || lower(x), concat(c, a, v), format('%s', c), left(c, 2), right(c, 1) from t
select pg_catalog.lower(c), pg_catalog.count(*) from t group by c
select generate_series(1, 3), unnest(arr) from t
select make_interval(days => 3), make_interval(days := 3)
select make_interval(1, months => 2)
select concat(variadic array['a', 'b'])
select (pr).l, (pr).r, (comp.pr).l, (pr).*, prs[1].l, (prs[1]).r from comp
select (row(1, 2)::pair).l, ((pr)).l, row(1, 2)::pair, row(comp.*), (comp).k, comp.k from comp
select t from t
select (t).a, (t.*) is null, row(t.*), row(), row(1) from t
select normalize('x'), normalize('x', nfc)
select xmlelement(name foo, 1), xmlforest(1 as a)
select json_object('a': 1, 'b' value 2), json_array(1, 2), json_arrayagg(a order by a), json_objectagg(c: a) from t
select json_value(j, '$.a' returning int), json_query(j, '$'), json_exists(j, '$.a') from t
select grouping(a), a from t group by rollup (a)
select "lower"(c), "pg_catalog"."upper"(c) from t
select f.x from (select 1 as x) f
select collation for (c) from t
select treat(a as int) from t
select mod(a, 2), abs(a), power(f, 2), round(e, 1), sign(a), trunc(e), ceil(f), div(a, 2) from t
select left(c, 1), right(c, 1), replace(c, 'a', 'b'), values from (select 1 as values) s, t
select if(a) from t
select date(d), char_length(c), character_length(c), year(d) from t
select date(d), char_length(c), character_length(c) from t
select exists (select 1 from u), not exists (select from u where u.k = t.k) from t
select lower(c) as lower, count(*) as count from t group by lower(c)
select (select max(a) from u where u.k = t.k), (select 1) + 1, -(select 1), array[(select 1)], ((select 1)) from t
select current_date + 1, current_timestamp - interval '1 day', now() - '1 day'::interval, now()::date
select current_setting('x', true), pg_typeof(a) from t
select uuid_generate from (select gen_random_uuid() as uuid_generate) s
select random(), clock_timestamp(), nextval('s')
select random(), clock_timestamp()

-- FROM
select * from t, u
select * from t as x, u y, w as "Z"
select * from t join u on t.k = u.k
select * from t inner join u on t.k = u.k
select * from t inner join u using (k)
select * from t join u using (k, a)
select * from t join u using (k) as j
select * from t left join u on t.k = u.k and u.a = 1
select * from t left outer join u on t.k = u.k right join w on w.id = u.id full join comp on comp.k = t.k full outer join sales.t s on true
select * from t cross join u
select * from t natural join u
select * from t natural left join u natural inner join w
select * from t natural full outer join u
select * from (t join u on t.k = u.k)
select * from (t join u on t.k = u.k) join w on w.id = u.id
select * from t join (u join w on w.id = u.id) on t.k = u.k
select * from t left join u left join w on w.id = u.id on t.k = u.k
select * from t join u join w on w.id = u.id on t.k = u.k
select * from (t join u using (k)) as j (k, z)
select * from t, u join w on u.id = w.id, comp
select * from t join u on t.k = u.k, w
select * from t cross join u join w on true
select * from (select * from t) s
select * from (select * from t) as s (k1, a1)
select * from (select 1), (select 2)
select * from (values (1, 'a'), (2, 'b')) as v (n, s)
select * from (values (?::int), (?)) v(n) where n > ?
select * from (table t) s
select * from ((select 1) union (select 2)) s
select * from (select 1 union all select 2 order by 1) s
select * from ((select * from t)) s
select * from lateral (select 1) s, t
select * from t, lateral (select * from u where u.k = t.k limit 1) s
select * from t left join lateral (select * from u where u.k = t.k) s on true
select * from t cross join lateral unnest(arr) as e
select * from generate_series(1, 3)
select * from generate_series(1, 3) as g
select * from generate_series(1, 3) g(n)
select * from generate_series(1, 3) with ordinality
select * from unnest(array[1, 2], array['a', 'b']) with ordinality as x (a, b, n)
select * from t, unnest(t.arr) e
select * from rows from (generate_series(1, 3), generate_series(1, 2)) as g (a, b)
select * from json_to_recordset('[]') as x(a int, b text)
select * from jsonb_to_record('{}') as (a int, b text)
select * from jsonb_each('{}') e, lateral jsonb_array_elements(e.value) z
select * from json_table('[]', '$[*]' columns (id int path '$.id', n for ordinality)) as jt
select * from xmltable('/a' passing '<a/>' columns x int)
select * from t tablesample system (10)
select * from t tablesample bernoulli (10) repeatable (1)
select * from current_date
select * from now() as n
select * from t join lateral generate_series(1, t.a) g on true
select a from t where exists (select 1 from u where u.k = t.k and exists (select 1 from w where w.id = u.id))
select * from pg_catalog.pg_class
select * from t for update of t
select a from t partition
select * from unnest(?::bigint[]) as ids(k) join t using (k)

-- WHERE, GROUP BY, HAVING
select a from t where v
select a from t where not v
select a from t where true
select a from t where k = 1 and (a = 2 or b = 3) and not (c = 'x' or v)
select a from t where (k = 1 and a = 2) or (k = 2 and a = 3)
select a from t where ((k)) = ((1))
select a from t where (k = 1)
select a from t where ((k = 1) and (a = 1))
select a from t where k = 1 or k = 2 and a = 3
select a from t where (select true)
select a from t where k = (select max(k) from u)
select a from t where t.k in (select u.k from u where u.a = t.a)
select a from t where 1 = k and 5 > a
select a from t where k = -1
select a from t where k = +1 and a = - 5
select a from t where k = 1 + 1
select a from t where c = 'x' and x is null
select count(*) from t group by ()
select a, count(*) from t group by a
select a, b, count(*) from t group by a, b
select a, b, count(*) from t group by (a, b)
select a, count(*) from t group by 1
select a + 1, count(*) from t group by a + 1
select a, b, count(*) from t group by rollup (a, b)
select a, b, count(*) from t group by cube (a, b)
select a, b, count(*) from t group by grouping sets ((a), (b), ())
select a, b, count(*) from t group by grouping sets (a, (a, b), rollup (b))
select a, b, c, count(*) from t group by a, rollup (b), cube (c)
select a, b, c, count(*) from t group by a, rollup (b, c)
select a, b, count(*) from t group by distinct rollup (a), rollup (a, b)
select a, count(*) from t group by all a
select a, count(*) from t group by rollup ((a, b), c)
select a, b, grouping(a, b) from t group by rollup (a, b) having grouping(a) = 0
select a, count(*) from t group by a having count(*) > 1 and sum(b) < 10 order by count(*) desc, a
select count(*) from t having count(*) > 1
select a from t group by a having true
select lower(c) l, count(*) from t group by l order by l
select a from t group by a, b order by b
select case when a > 1 then 1 else 0 end as g, count(*) from t group by case when a > 1 then 1 else 0 end

-- windows
select row_number() over () from t
select rank() over (order by a), dense_rank() over (partition by a order by b desc), ntile(4) over (order by a) from t
select sum(a) over (partition by b order by c rows between unbounded preceding and current row) from t
select sum(a) over (order by b range between 1 preceding and 1 following), sum(a) over (order by b groups between 1 preceding and 1 following) from t
select sum(a) over (order by b rows 2 preceding), sum(a) over (order by b rows unbounded preceding), sum(a) over (order by b rows current row) from t
select sum(a) over (rows between 1 preceding and unbounded following exclude current row), sum(a) over (rows between 1 preceding and 1 following exclude ties) from t
select sum(a) over (rows between 1 preceding and 1 following exclude group), sum(a) over (rows between 1 preceding and 1 following exclude no others) from t
select sum(a) over w, avg(b) over (w rows 1 preceding) from t window w as (partition by c order by k)
select sum(a) over w1, sum(b) over w2 from t window w1 as (partition by c), w2 as (order by a)
select sum(a) over (w order by b) from t window w as (partition by c)
select sum(a) filter (where v) over (order by b), count(*) filter (where v) over w from t window w as ()
select lag(a) over (order by k), lag(a, 1, 0) over (order by k), first_value(a) over (order by k), nth_value(a, 2) over (order by k) from t
select sum(sum(a)) over (order by b) from t group by b
select count(*) over (partition by a, b + 1 order by c nulls first, d desc) + 1 from t
select sum(a) over (order by d range between interval '1 day' preceding and current row) from t
select a, rank() over (order by a) from t order by rank() over (order by a) limit 3
select distinct sum(a) over (partition by b) from t

-- ORDER BY, LIMIT
select a from t order by a
select a from t order by a asc, b desc
select a from t order by a nulls first, b desc nulls last, c asc nulls last
select a, b from t order by 1, 2 desc
select a from t order by a + b, lower(c), -a
select a from t order by a using <
select a from t order by a using >, b
select a from t order by c collate "C" desc
select a from t order by (a, b)
select a from t order by a limit 10
select a from t order by a limit 10 offset 5
select a from t order by a offset 5 limit 10
select a from t offset 5
select a from t offset 5 rows
select a from t limit all
select a from t limit null
select a from t limit all offset 0
select a from t limit (select 1)
select a from t limit 1 + 1
select a from t limit 10::bigint
select a from t limit ?::int + 1
select a from t offset 1 + 1
select a from t order by a fetch first 3 rows only
select a from t order by a fetch first row only
select a from t order by a fetch next 1 row only
select a from t order by a fetch first 3 rows with ties
select a from t order by a fetch first (1 + 2) rows only
select a from t order by a fetch first ? rows only
select a from t order by a offset 2 rows fetch next 3 rows only
select a from t order by a fetch first 3 rows only offset 2
select a from t order by case when v then 0 else 1 end, random()
select a from t order by a limit 3 for update
select a from t for update
select a from t for no key update
select a from t for share
select a from t for key share
select a from t for update nowait
select a from t for update skip locked
select * from t, u for update of t skip locked
select * from t, u for update of t, u nowait
select * from t, u for update of t for share of u
select a from t order by a for update limit 1

-- set operations
select a from t union select a from u
select a from t union all select a from u
select a from t union distinct select a from u
select a from t intersect select a from u
select a from t intersect all select a from u
select a from t except select a from u
select a from t except all select a from u
select a from t union select a from u union all select a from w
select a from t union select a from u intersect select a from w
(select a from t union select a from u) intersect select a from w
select a from t union (select a from u union all select a from w)
select a from t union all select a from u order by a limit 3
select a from t union all (select a from u order by b limit 1)
(select a from t order by b limit 1) union all (select a from u order by b limit 1) order by 1
(select a from t) union (select a from u)
select a from t union values (1)
select a from t union table w2
values (1) union all values (2)
(values (1)) except select 2
select a from t except (select a from u except select a from w)
select a from t except select a from u except select a from w
select a from t union all select a from u offset 1 fetch first 2 rows only
select 1 union select 2 except select 3 intersect select 4

-- WITH
with x as (select 1 as n) select * from x
with x (n) as (select 1) select n from x
with x as (select 1 as n), y as (select n + 1 as n from x) select * from x, y
with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select * from r
with recursive r (n) as (values (1) union all select n + 1 from r where n < 5) select sum(n) from r
with x as materialized (select 1 as n) select * from x
with x as not materialized (select 1 as n) select * from x
with x as (values (1, 2)) table x
with x as (select * from t where k = ?) select * from x join u using (k) where u.k = ?
with x as (with y as (select 1 as n) select * from y) select * from x
with x as (select a from t order by a limit 1) select * from x union all select 2
with x as (select a from t) (select a from x) union all select 2
select * from (with x as (select 1 as n) select * from x) s
select (with x as (select 1 as n) select n from x)
with recursive r as (select k, a from t union all select u.k, u.a from u, r where u.k = r.k) search depth first by k set o select * from r order by o
with recursive r as (select k, a from t union all select u.k, u.a from u, r where u.k = r.k) cycle k set is_cycle using path select * from r
with ins as (insert into t (k, a) values (1, 2) returning *) select * from ins
with del as (delete from t where k = 1 returning *) insert into u (k, id) select k, a from del
with upd as (update t set a = 1 where k = 1 returning k) select * from upd
with x as (select 1 as n) insert into t (k) select n from x
with x as (select 1 as n) update t set a = x.n from x where t.k = x.n
with x as (select 1 as n) delete from t using x where t.k = x.n

-- INSERT
insert into t values (1, 2)
insert into t (k, a) values (1, 2)
insert into t (k, a) values (1, 2), (3, 4), (5, default)
insert into t (k, a) values (?, ?)
insert into t (k, a) values (?, ?), (?, ?) returning k
insert into t as x (k, a) values (1, 2)
insert into public.t (k, a) values (1, 2)
insert into "Order Lines" ("userId", "Line No") values (1, 2)
insert into t default values
insert into t (k, c) values (1, 'a'), (2, E'b\n'), (3, $$c$$)
insert into t (k, a) select k, a from u
insert into t (k, a) (select k, a from u)
insert into t (k, a) select k, a from u where k = ? order by k limit 1
insert into t (k, a) select 1, 2 union all select 3, 4
insert into t select * from t
insert into t (k, a) table w2
insert into t (k, a) with x as (select 1 as n) select n, n from x
insert into t (k, a) values (1, 2) on conflict do nothing
insert into t (k, a) values (1, 2) on conflict (k) do nothing
insert into t (k, a) values (1, 2) on conflict (k) do update set a = excluded.a
insert into t (k, a) values (1, 2) on conflict (k) do update set a = excluded.a, b = t.b + 1 where t.a > 1
insert into t as x (k, a) values (1, 2) on conflict (k) do update set a = x.a + excluded.a returning x.*, x.a + 1 as n
insert into t (k, a) values (1, 2) on conflict on constraint t_pkey do update set (a, b) = (1, 2)
insert into t (k, a) values (1, 2) on conflict on constraint t_pkey do nothing
insert into t (k, a) values (1, 2) on conflict (k) do update set (a, b) = (excluded.a, excluded.b)
insert into t (k, a) values (1, 2) on conflict (k) do update set (a, b) = (select 1, 2)
insert into t (k, a) values (1, 2) on conflict (k) do update set a = default
insert into u (k, id) values (1, 2) on conflict (k, id) do nothing
insert into t (k, a) values (1, 2) on conflict (k) where v do nothing
insert into t (k, a) values (1, 2) on conflict ((lower(c))) do nothing
insert into t (k, a) values (1, 2) returning *
insert into t (k, a) values (1, 2) returning k as id, a + 1, lower(c) "L"
insert into t (k, arr) values (1, array[1, 2]), (2, '{}')
insert into t (k, arr[1]) values (1, 2)
insert into comp (k, pr.l) values (1, 2)
insert into comp (k, pr) values (1, row(1, 2)), (2, (3, 4)::pair)
insert into t (k, d, j) values (1, now(), '{"a": 1}'::jsonb)
insert into t (k) overriding system value values (1)
insert into t (k) overriding user value select 1
insert into t (k, a) values ((select 1), (select max(a) from u))
insert into t (k, a) values (1 + 1, -1)
with x as (select 1 as n) insert into t (k, a) values ((select n from x), 1) on conflict do nothing returning k

-- UPDATE
update t set a = 1
update t set a = 1 where k = 1
update t set a = a + 1, b = default, c = null where k = ?
update t set (a, b) = (1, 2) where k = 1
update t set (a, b) = row (1, 2) where k = 1
update t set (a, b) = (select 1, 2) where k = 1
update t set a = 1, (b, c) = (2, 'x') where k = 1
update t set (a, b) = (1, 2), c = 'x' where k = 1
update t as x set a = x.b where x.k = 1
update t x set a = 1 where x.k = 1 returning x.*
update only t set a = 1 where k = 1
update t set a = u.a from u where t.k = u.k and t.k = 1
update t set a = u.a from u join w on w.id = u.id where t.k = u.k returning t.a, u.a
update t set a = s.m from (select k, max(a) as m from u group by k) s where s.k = t.k
update t set arr[1] = 2, arr[2:3] = '{1,2}' where k = 1
update comp set pr.l = 1 where k = 1
update t set j['a'] = '1' where k = 1
update t set a = (select max(a) from u where u.k = t.k) where k = 1
update t set "a" = 1 where "k" = 1
update t set a = 1 where current of c
update public.t set a = 1 where k = 1 returning *
update t set a = case when v then 1 else 2 end where k in (1, 2)

-- DELETE
delete from t
delete from t where k = 1
delete from only t where k = ?
delete from t as x where x.k = 1 returning *
delete from t x where x.k = 1
delete from t using u where t.k = u.k and t.k = 1
delete from t using u, w where t.k = u.k and w.id = u.id returning t.k
delete from t using u join w on w.id = u.id where t.k = u.k
delete from t where k in (select k from u) returning k, a as b
delete from public.t where k = 1

-- MERGE
merge into t using u on t.k = u.k when matched then update set a = u.a when not matched then insert (k, a) values (u.k, u.a)
merge into t as x using (select 1 as k) s on x.k = s.k when matched and x.a > 1 then delete when matched then do nothing
merge into t using u on t.k = u.k when not matched by source then delete
merge into t using u on t.k = u.k when matched then delete returning merge_action(), t.*

-- others
explain select 1
explain analyze select a from t where k = 1
explain (analyze, buffers, costs off) select a from t
explain (format json) select 1
explain verbose select 1
select 1 into x
select a into temp x from t
create table x as select 1
select a from t where k = 1 -- ; drop table t
select a.b.c.d.e from t
select a from a.b.c.d
select top 1 a from t
select a from t limit 1, 2
select `a` from t
select [a] from t
select a from t where a == 1
select a from t where a <=> 1
select a from t where a || b && c
select a from t where a <<= b
select a from t where a := 1
select :name from t
select @x, @@y
select a from t minus select a from u
select a from t with ur
select a from t qualify row_number() over () = 1
select a from t pivot (count(a) for b in (1))
select straight_join a from t
select sql_calc_found_rows a from t
select a from t use index (i)
select a from dual connect by prior a = b
select a(+) from t
select a from t, u where t.k = u.k(+)
select x -> x + 1
select if(a, 1, 2) from t
select a div b, a mod b, a xor b from t
select convert(a, char) from t
select {ts '2020-01-01'}
select cast(a as unsigned) from t
select try_cast(a as int), safe_cast(a as int) from t
select * except (a) from t
select * exclude (a) from t
select * replace (1 as a) from t
select t.* except (a) from t
select struct(1 as a), map[1]
select a from t sample 10
select a from t final
select a from t asof join u on true
select group_concat(a separator ',') from t
select a from t global join u on true
select a from t where a regexp 'x' or a rlike 'x'
select a from t where a like binary 'x'
select n'x', q'[x]', r'x', _utf8'x'
select a from t order siblings by a
select a from t fetch first 10 percent rows only
select a from t limit 10 by a
select a from t where match (a) against ('x')
from t select a
from t
with x as (select 1) from x select *
replace into t values (1)
upsert into t values (1)
insert ignore into t values (1)
insert into t set a = 1
insert into t values (1) on duplicate key update a = 1
insert overwrite t values (1)
update t, u set t.a = 1
update t set a = 1 order by a limit 1
update t join u on t.k = u.k set t.a = 1
delete t from t
delete from t order by a limit 1
delete from t limit 1
truncate t
select a from t lateral view explode(a) x
select a from t unpivot (x for y in (a))
select next value for s
select a from t optimize for 1 rows
select a from t for xml path
select a from t wait 5
select distinct unique a from t
select unique a from t
select a from t where a in 1
select a from t where a = 1 collate nocase
select 1 as 'x'
select a 'x' from t
select "x".'y' from t
select a from t where exists select 1

-- Intervals are infinite since PostgreSQL 17. Skewed, with NULLs in every column that may have them, ties, and equal values of different form.
insert into people
select
  id,
  case when i % 11 = 0 then null
    else (array['Anna','anna','Zoe','Émile','Ole','zoe','Ärger','Bob','bob ','','O''Hara',
                'x_y','100%','Ω','a\b','Ann','Anna'])[1 + i % 17] end,
  case when i % 13 = 0 then null
    else (array['Köln','Koln','Zürich','zürich','Århus','Oslo','Essen','essen','Ähtäri','co-op',
                'coop','São Paulo'])[1 + (i * 5) % 12] end,
  case when i % 17 = 0 then null
    else (array['max','MAX','Max','eva','Eva','tom','TIM','tim','ß','ss'])[1 + (i * 3) % 10] end,
  case when i % 7 = 0 then null else 18 + (i * 37) % 23 end,
  case when i % 19 = 0 then null else (i * 7) % 5 - 2 end,
  (array['1','1.0','1.00','2.5','2.50','-0.1','0','0.000','100000000000000000000',
         '0.000001','123456789012345678901234567890.123456789','NaN','Infinity','-Infinity','7',
         '-3.14159',null,'7.0'])[1 + (i * 5) % 18]::numeric,
  case when i % 9 = 0 then null else ((i * 7919) % 100000)::numeric / 100 end,
  (array[0.1,0.2,0.3,-0.0,0.0,1e6,-1e6,1e-7,3.25,-2.5,null,123456.789])[1 + i % 12]::float8,
  (array['NaN','Infinity','-Infinity','1.5','-0','0',null,'2'])[1 + (i * 3) % 8]::float8,
  (array[1.5,2.25,null,0.1,-7,16777216])[1 + i % 6]::float4,
  case when i % 23 = 0 then null when i = 44 then 'infinity' when i = 45 then '-infinity'
    else date '1970-02-27' + (i * 611) % 20000 end,
  case when i % 8 = 0 then null when i % 41 = 0 then 'infinity' when i % 37 = 0 then '-infinity'
    else timestamptz '2024-03-30 22:15:00+00' + (i * 977) % 150 * interval '17 minutes' end,
  case when i % 10 = 0 then null when i = 51 then 'infinity'
    else timestamp '2024-02-28 12:00:00.123456' + (i * 31) % 60 * interval '90 minutes' end,
  case when i % 6 = 0 then null else time '00:00' + (i * 53) % 1440 * interval '1 minute' end,
  (array['1 day','24 hours','1 mon','30 days','-2 hours','1 year 3 days','0','00:00:00.000001',
         case when current_setting('server_version_num')::int >= 170000 then 'infinity' else '99 years' end,
         null])[1 + i % 10]::interval,
  case i % 5 when 0 then null when 1 then false when 2 then false else true end,
  (array['sad','fine','happy',null])[1 + (i * 3) % 4]::mood,
  case when i % 6 = 0 then null when i % 6 = 1 then '{}'
    else (array['t' || i % 3, null, 'T' || i % 2, 'a,"b"'])[1:i % 5] end,
  case when i % 7 = 3 then null else (array[i % 4, i % 3, null])[1:1 + i % 3] end,
  case when i % 9 = 0 then null when i % 9 = 1 then 'null' when i % 9 = 2 then '[1, 2.0, "x"]'
    else jsonb_build_object('a', i % 4, 'b', array[i % 2, i % 3], 'c', 'v' || i % 5) end,
  case when i % 12 = 0 then null else json_build_object('n', i % 3, 'z', 1.50) end,
  case when i % 8 = 5 then null else decode(lpad(to_hex(i * 331 % 256), 2, '0'), 'hex') end,
  case when i % 14 = 0 then null else md5((i % 40)::text)::uuid end,
  (array['a','ab','ab ','B',null])[1 + i % 5],
  case when i % 3 = 0 then null else 1 + (i * i) % 20 end,
  (array['de','fr','no','jp','xx',null,'de','de'])[1 + i % 8]
from (
  select i, case i when 121 then -5 when 122 then 9223372036854775807
    when 123 then -9223372036854775808 when 124 then 0 else i end as id
  from generate_series(1, 124) i
) s;

-- person 7 has a fifth of all orders, persons over 60 have none
insert into orders
select
  p, row_number() over (partition by p order by i),
  case when i % 13 = 0 then null else ((i * 2741) % 50000)::numeric / 100 end,
  case when i % 11 = 0 then null else (i * 7) % 9 end,
  case when i % 17 = 0 then null
    else timestamptz '2024-01-01 00:00:00+00' + (i * 7) % 366 * interval '1 day 7 minutes' end,
  (array['new','paid','sent','Sent','back',null])[1 + i % 6],
  case when i % 4 = 0 then null
    else (array['für','fur','fuß','Übung','uebung','zwei Stück','a-b','ab'])[1 + i % 8] end,
  case when i % 10 = 0 then null else 1 + i % 14 end
from (
  select i, case when i % 5 = 0 then 7 when i % 5 = 1 then 1 + i % 9 else 1 + (i * 17) % 60 end as p
  from generate_series(1, 280) i
) s;
insert into order_lines
select person_id, no, l, 1 + (no * l + person_id) % 14,
  case when (no + l) % 6 = 0 then null else (no * l)::numeric / 4 end
from orders, generate_series(1, 3) l
where (person_id + no) % 4 < l and no < 12;
insert into rare values (3, 'one', 1), (14, null, 2), (15, 'three', null);
insert into archive.rare values (3, 'one'), (15, 'three');
insert into banned values (1, 'USER5@example.org'), (2, 'user6@example.org'), (3, 'Nobody@example.org');
insert into "Odd Names"
select i, (array['x','Y','',null])[1 + i % 4], case when i % 5 = 0 then null else i % 6 end,
  (array['Öl','Ol','ol','zebra',null])[1 + i % 5]
from generate_series(1, 30) i;
insert into archive.orders
select 1 + i % 25, i, (i * 97 % 1000)::numeric / 10,
  case when i % 6 = 0 then null else date '2023-12-20' + i end
from generate_series(1, 70) i;
insert into archive.orders select person_id, no, amount, '2024-02-29' from orders where person_id between 30 and 40;

insert into accounts
select
  case i when 1 then '' when 2 then 'ü@example.org' when 3 then 'O''Hara@example.org'
    else 'user' || i || '@example.org' end,
  case when i % 6 = 0 then null else 1 + (i * 3) % 70 end,
  (array['free','pro','Pro',null])[1 + i % 4],
  case when i % 5 = 0 then null else ((i * 9176) % 700000)::numeric / 1000 - 100 end
from generate_series(1, 60) i;
-- who begins with user3 never logged in
insert into logins
select email, timestamptz '2024-03-31 00:30:00+00' + n * interval '25 minutes', n % 3 <> 0,
  case when n % 4 = 0 then null else 'h' || (length(email) * n) % 6 end
from accounts, generate_series(1, 4) n
where length(email) % 5 <= n and email not like 'user3%';

insert into devices
select md5('device' || i)::uuid, case when i % 7 = 0 then null else 1 + (i * 11) % 80 end,
  (array['Größe','Grosse','mini','Mini','',null])[1 + i % 6],
  case when i % 4 = 0 then null else array[i * 0.1, 'NaN', -i, null]::float8[] end,
  case when i % 5 = 0 then null
    else jsonb_build_object('cpu', i % 3, 'ram', (array[1, 1.0, 2])[1 + i % 3]) end
from generate_series(1, 50) i;

-- most events are in the last range, the first range has the infinite one and no other
insert into events
select
  case i when 1 then '-infinity' when 2 then 'infinity'
    else timestamptz '2024-01-01 00:00:00+00' + (i * 37 % 300) * interval '33 hours' end,
  i,
  (array['click','view','buy','View',null])[1 + i % 5],
  case when i % 9 = 0 then null else 1 + (i * 13) % 50 end,
  case when i % 4 = 0 then null else jsonb_build_object('n', i % 6, 's', 's' || i % 3) end,
  case when i % 5 = 0 then null else i % 90 * interval '41 minutes' end
from generate_series(1, 150) i;
-- at the very moments that are asked for
insert into events values
  ('2024-06-01 00:00+00', 151, 'click', 5, null, null), ('2024-06-01 00:00+00', 152, 'buy', 6, null, null),
  ('2024-02-01 00:00+00', 153, 'view', 7, null, null), ('2023-06-01 00:00+00', 154, 'View', 8, null, null),
  ('2025-06-01 00:00+00', 155, null, 9, null, null), ('2024-03-31 23:30+00', 156, 'click', 5, null, null);

-- nothing between 400 and 799: a shard without rows
insert into blocks
select h, case when h > 1 then h - 1 end, case when h % 6 = 0 then null else (h * 31) % 1000 end,
  (array['ann','bob','Cid',null])[1 + h % 4], case when h % 5 = 0 then null else h / 7.0 end
from generate_series(1, 1000, 9) h
where h not between 400 and 799;
insert into blocks values (-9223372036854775808, null, null, 'min', 0.10),
  (-1, null, 1, 'below', 0.10),
  (9223372036854775807, 1, 1, 'max', null);

insert into visits
select (array['eu','us'])[1 + (i % 3) / 2], 1 + (i * 7) % 31, i,
  case when i % 8 = 0 then null else '/p' || (i * i) % 7 end,
  case when i % 9 = 0 then null else (i * 71) % 500 end
from generate_series(1, 120) i;

insert into settings values ('theme', '{"dark": true}'), ('limit', '10'), ('none', null);
insert into audit select i, i * 3, 'did ' || i % 4 from generate_series(1, 20) i;
insert into countries values ('de', 'Deutschland', 'Europe', 357592), ('fr', 'Frankreich', 'Europe', 643801.0),
  ('no', 'Norwegen', 'Europe', null), ('jp', 'Japan', 'Asia', 377975.00), ('at', 'Österreich', 'Europe', 83879),
  ('aq', null, 'Antarctica', 14200000);
insert into products
select i, (array['Öl','Apfel','apfel','Zange','Kabel','kabel'])[1 + i % 6] || case when i > 6 then ' ' || i else '' end,
  case when i % 5 = 0 then null else i * 1.10 end, (array['sad','fine','happy',null])[1 + i % 4]::mood
from generate_series(1, 16) i;

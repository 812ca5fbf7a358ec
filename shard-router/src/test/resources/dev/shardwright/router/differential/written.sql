-- The rows of the tables that are written to.
insert into wallets select i, i * 1.50, (array['Öl','ol',null])[1 + i % 3] from generate_series(1, 20) i;
insert into entries select i, n, 'what ' || n, i + n from generate_series(1, 8) i, generate_series(1, 3) n;
insert into labels select 'l' || i, i from generate_series(1, 10) i;
insert into stays select r, i, i % 5 from generate_series(1, 10) i, unnest(array['eu', 'us']) r;
insert into slots (height, now) select i * 50, i % 3 from generate_series(1, 20) i;
insert into notes select i, 'note ' || i from generate_series(1, 5) i;
insert into stamps values ('a0000000-0000-0000-0000-000000000000', '2024-01-01 00:00:00+00', 7, 'old');
insert into rates values ('EUR', 1), ('USD', 1.08), ('CHF', null);

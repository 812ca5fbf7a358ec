-- The tables that corpus.sql speaks about.
create table t (k bigint primary key, a int, b int, c text, d timestamptz, e numeric(10,2), f double precision, j jsonb, arr int[], x text, v boolean, day date, p point, bits bit varying);
create table u (k bigint, id int, a int, b int, c text, x text, d timestamptz, primary key (k, id));
create table w (id int primary key, a int, name text, x text);
create table "Order Lines" ("userId" bigint, "Line No" int, "from" text, primary key ("userId", "Line No"));
create type pair as (l int, r int);
create table comp (k bigint primary key, pr pair, prs pair[]);
create schema sales;
create table sales.t (k bigint primary key, a int, c text);

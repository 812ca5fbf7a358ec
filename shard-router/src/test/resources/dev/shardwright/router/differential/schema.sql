-- The same on every shard and on the one PostgreSQL. The default collation of the servers is C.
create collation german (provider = icu, locale = 'de');
create collation folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create type mood as enum ('sad', 'fine', 'happy');

-- keyspace shop, HASH by bigint
create table people (
  id bigint primary key,
  name text,
  city text collate german,
  nick text collate folded,
  age int,
  level smallint,
  score numeric,
  fixed numeric(10,2),
  weight float8,
  odd float8,
  grade float4,
  born date,
  seen timestamptz,
  lunch timestamp,
  wake time,
  stay interval,
  active boolean,
  mood mood,
  tags text[],
  marks int[],
  extra jsonb,
  doc json,
  raw bytea,
  token uuid,
  code char(4),
  boss bigint,
  country text
);
create table orders (
  person_id bigint,
  no int,
  amount numeric(12,2),
  qty int,
  placed timestamptz,
  status text,
  note text collate german,
  product_id int,
  primary key (person_id, no)
);
create table order_lines (
  person_id bigint,
  order_no int,
  line int,
  product_id int,
  price numeric,
  primary key (person_id, order_no, line)
);
create table rare (id bigint primary key, what text, n int);
create table nobody (id bigint primary key, what text, n numeric);
create table "Odd Names" (
  "Key" bigint primary key,
  "select" text,
  "a""b" int,
  "Ünïcödé" text collate german
);
create schema archive;
create table archive.orders (
  person_id bigint,
  no int,
  amount numeric(12,2),
  closed date,
  primary key (person_id, no)
);

-- keyspace accounts, HASH by text
create table accounts (
  email text primary key,
  person_id bigint,
  plan varchar(10),
  balance numeric(14,4)
);
create table logins (email text, at timestamptz, ok boolean, host text, primary key (email, at));

-- keyspace devices, HASH by uuid
create table devices (
  id uuid primary key,
  person_id bigint,
  model varchar(40) collate german,
  readings float8[],
  spec jsonb
);

-- keyspace events, RANGE by timestamptz
create table events (
  at timestamptz,
  seq int,
  kind text,
  person_id bigint,
  payload jsonb,
  took interval,
  primary key (at, seq)
);

-- keyspace blocks, RANGE by bigint
create table blocks (height bigint primary key, parent bigint, size int, miner text, fees numeric);

-- keyspace visits, HASH by bigint, with regions
create table visits (
  region text,
  person_id bigint,
  n int,
  page text,
  ms int,
  primary key (region, person_id, n)
);

-- keyspace office, SINGLE
create table settings (name text primary key, value jsonb);
create table audit (id bigint primary key, who bigint, what text);

-- reference tables
create table countries (
  code text primary key,
  name text collate german,
  continent text,
  area numeric
);
create table products (id int primary key, title text collate german, price numeric, kind mood);

-- tables to be written to: keyspace shop …
create table wallets (
  owner bigint primary key,
  cash numeric default 10,
  memo text collate german default 'none',
  changed timestamptz default '2024-01-01 00:00:00+00'
);
create table entries (
  owner bigint,
  no int,
  what text check (what <> 'forbidden'),
  amount numeric(8,2),
  twice numeric generated always as (amount * 2) stored,
  primary key (owner, no)
);
-- … keyspace accounts, keyspace visits, keyspace blocks, keyspace office, and a reference table
create table labels (name text primary key, n int);
create table stays (region text, guest bigint, nights int, primary key (region, guest));
create table slots (height bigint primary key, taken boolean not null default false);
create table notes (id int primary key, body text);
create table rates (code text primary key, rate numeric);

-- Airlines and routes, sharded by airline; airports, kept whole on every shard; the same airports sharded as places.
create collation language_neutral (provider = icu, locale = 'und');
create table airlines (
  airline_id bigint primary key,
  name text collate language_neutral,
  iata text,
  icao text,
  callsign text,
  country text collate language_neutral,
  active boolean
);
create table routes (
  airline_id bigint,
  airline text,
  source text,
  destination text,
  codeshare boolean,
  stops int,
  equipment text,
  primary key (airline_id, airline, source, destination)
);
create table airports (
  airport_id bigint primary key,
  name text collate language_neutral,
  city text,
  country text collate language_neutral,
  iata text,
  latitude float8,
  longitude float8,
  altitude int,
  utc_offset numeric,
  zone text
);
create table places (like airports including all);

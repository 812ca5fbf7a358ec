package dev.shardwright.rebalance.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.rebalance.internal.TwoShards;
import dev.shardwright.rebalance.internal.table.CopyFormat;
import dev.shardwright.rebalance.internal.verify.Verified;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.ring.KeyRangeSet;
import dev.shardwright.ring.KeyType;
import dev.shardwright.ring.Strategy;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of value comes over as it is, and whatever differs is told apart. */
class ValuesIT {
  private static final KeyRangeSet FROM_10 = KeyRangeSet.of(new KeyRange(10, Long.MAX_VALUE));

  private static final String BUILT_IN =
      """
      create type mood as enum ('sad', 'ok', 'happy');
      create domain positive as numeric check (value > 0);
      create table t (k bigint, n integer generated always as identity,
        doubled integer generated always as (n * 2) stored,
        s smallint, b boolean, r real, d double precision, num numeric, pos positive, tx text,
        vc varchar(20), ch char(7), bin bytea, da date, ti time, tz timetz, ts timestamp,
        tsz timestamptz, iv interval, u uuid, m mood, j json, jb jsonb, p point, bi bit(5),
        vb varbit, ip inet, ints int[], texts text[][], span int4range, spans int8multirange,
        x xml, tv tsvector, primary key (k, n));
      """;

  private static final String ROWS =
      """
      insert into t (k) values (1), (10), (11);
      insert into t (k, s, b, r, d, num, pos, tx, vc, ch, bin, da, ti, tz, ts, tsz, iv, u, m, j, jb,
          p, bi, vb, ip, ints, texts, span, spans, x, tv) values
        (20, -32768, true, 'NaN', '-0.0', 'NaN', 1.00, '', 'quo''te\\', 'ab ', '\\x00ff',
         'infinity', '24:00', '01:02:03+04:30', '-infinity', 'infinity', '1 mon -1 day 2:03:04.5',
         'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'happy', '{"b": 1,  "a": 2, "b": 3}',
         '{"b": 1, "a": [null, 1.10]}', '(-0.0,NaN)', b'10101', b'1', '10.0.0.1/8',
         '[0:2]={1,NULL,3}', '{{a,"b,c"},{"",NULL}}', '(,5]', '{[1,3),[5,)}', '<a>x</a>', 'a:1B b'),
        (21, 0, false, '-infinity', 1e-307, 'infinity', 0.10000000000000000001, 'äöü日本' || chr(9),
         null, '', '', '4713-01-01 BC', '00:00', '00:00-15:59', '4713-01-01 BC', '2024-01-01 0:0+5',
         '-178000000 years', '00000000-0000-0000-0000-000000000000', 'sad', 'null', 'null',
         '(1e300,-1)', b'00000', b'', '::1', '{}', '{}', 'empty', '{}', null, '');
      """;

  private static final String OWN_TYPES =
      """
      create type mood as enum ('sad', 'ok', 'happy');
      create type pair as (a int, m mood, "B c" text);
      create type span as range (subtype = float8);
      create domain text_list as text[];
      create table t (k bigint primary key, moods mood[], p pair, pairs pair[], s span, l text_list,
        c regclass);
      """;

  private static final String OWN_ROWS =
      """
      insert into t (k) values (1), (10);
      insert into t values
        (11, '{sad,NULL,happy}', '(1,ok,"x, y")', array[row(1, 'sad', null), null]::pair[],
          '[-0.5,NaN)', '{a,b}', 'pg_class'),
        (12, '{}', '(,,)', '{}', 'empty', null, 't'::regclass);
      """;

  @Test
  void copiesBuiltInTypesAsTheyAre() throws Exception {
    try (TwoShards shards = TwoShards.withTable(FROM_10, BUILT_IN)) {
      shards.source().execute(ROWS);
      assertThat(shards.table().format()).isEqualTo(CopyFormat.BINARY);
      Verified verified = shards.move();
      assertThat(verified.rows()).isEqualTo(4);
      assertThat(verified.same()).isTrue();
      assertThat(verified.bytes()).isPositive();
      assertThat(shards.moving(shards.target()))
          .hasSize(4)
          .isEqualTo(shards.moving(shards.source()));
    }
  }

  @Test
  void copiesTypesOfTheUsersOwnThoughTheirObjectIdsDiffer() throws Exception {
    try (TwoShards shards = TwoShards.withTable(FROM_10, OWN_TYPES)) {
      shards.source().execute(OWN_ROWS);
      assertThat(TwoShards.query(shards.source(), "select 'mood'::regtype::oid"))
          .isNotEqualTo(TwoShards.query(shards.target(), "select 'mood'::regtype::oid"));
      assertThat(shards.table().format()).isEqualTo(CopyFormat.TEXT);
      assertThat(shards.move().rows()).isEqualTo(3);
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "numeric; 1.0; 1.00",
        "float8; 0; -0.0",
        "interval; 1 day; 24 hours",
        "interval; 1 mon; 30 days",
        "json; {\"a\":1}; {\"a\": 1}",
        "jsonb; 1.0; 1.00",
        "text; a; 'a '",
        "varchar; ''; null",
        "timestamptz; infinity; -infinity",
        "timetz; 10:00+01; 09:00+00",
        "point; (0,0); (0,-0.0)",
        "numeric[]; {1.0}; {1.00}",
        "int[]; {1}; [0:0]={1}",
        "numrange; [1.0,2); [1.00,2)",
        "bit varying; 1; 10"
      })
  void tellsApart(String type, String one, String other) throws Exception {
    String ddl = "create table t (k bigint primary key, v %s)".formatted(type);
    try (TwoShards shards = TwoShards.withTable(FROM_10, ddl)) {
      String insert = "insert into t values (10, %s)";
      shards.source().execute(insert.formatted("'" + one.replace("'", "") + "'"));
      shards
          .target()
          .execute(insert.formatted(other.equals("null") ? other : "'" + unquoted(other) + "'"));
      // Not by a write of today.
      shards.source().execute("delete from shardwright.key_log_7_1");
      Verified verified = shards.verify(shards.drain());
      assertThat(verified.broughtAgain()).isEqualTo(1);
      assertThat(verified.same()).isTrue();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }

  private static String unquoted(String text) {
    return text.replace("'", "");
  }

  @Test
  void findsKeysOfManyKinds() throws Exception {
    String ddl =
        """
        create schema "Odd ""Schema";
        create collation german (provider = icu, locale = 'de');
        create type size as enum ('s', 'm');
        create table "Odd ""Schema"."My ""Table" ("The Key" text collate german, "Größe" size,
          at timestamptz, c char(4), "select" numeric(9, 2), payload text,
          primary key ("select", "Größe", "The Key", at, c));
        """;
    KeyRangeSet half = KeyRangeSet.of(new KeyRange(0, Long.MAX_VALUE));
    try (TwoShards shards =
        TwoShards.of(
            Strategy.HASH, KeyType.TEXT, half, ddl, Map.of("Odd \"Schema.My \"Table", "The Key"))) {
      shards
          .source()
          .execute(
              """
              insert into "Odd ""Schema"."My ""Table"
              select k || case i %% 3 when 0 then '\\"{},' when 1 then 'ä' else 'A' end,
                  case i %% 2 when 0 then 's' else 'm' end::size,
                  '2024-01-01 00:00:00.000001+00'::timestamptz + i * interval '1 s',
                  'x', i / 3.0, repeat('p', i)
                from generate_series(1, 500) i, lateral (select 'k' || i %% 7) s (k)
              """
                  .replace("%%", "%"));
      CopyOptions small = new CopyOptions(2, Duration.ofMillis(1), 500);
      shards.copy(shards.table(), small).run();
      shards.source().execute("update \"Odd \"\"Schema\".\"My \"\"Table\" set payload = 'new'");
      Verified verified = shards.move();
      assertThat(verified.rows()).isPositive().isLessThan(500);
      assertThat(verified.broughtAgain()).isZero();
      assertThat(shards.moving(shards.target())).isEqualTo(shards.moving(shards.source()));
    }
  }
}

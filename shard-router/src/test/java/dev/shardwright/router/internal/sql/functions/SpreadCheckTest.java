package dev.shardwright.router.internal.sql.functions;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.tables.DeclaredTables;
import dev.shardwright.router.internal.sql.tables.TableUse;
import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpreadCheckTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          select random() from t                                       | random()
          select a from t order by random()                            | random()
          select a from t where b = (select nextval('s'))              | nextval()
          select count(*) filter (where clock_timestamp() > a) from t  | clock_timestamp()
          select string_agg(a, ',' order by my_rank(b)) from t         | my_rank()
          select sum(a) over (partition by public.f(b)) from t         | public.f()
          select app.lower(a) from t                                   | app.lower()
          with q as (select pg_sleep(1)) select a from t, q            | pg_sleep()
          select t.ctid from t                                         | ctid
          select a from t where xmin = 5                               | xmin
          select tableoid from t                                       | tableoid
          select current_user, a from t                                | current_user
          select session_user from t                                   | session_user
          select a from t where current_schema = 'x'                   | current_schema
          select current_setting('x') from t                           | current_setting()
          select 't'::regclass from t                                  | regclass
          select cast(a as regtype) from t                             | regtype
          select a from t for update                                   | UPDATE
          select a from t where b in (select c from u for share)       | SHARE
          select * from t tablesample system (10)                      | TABLESAMPLE
          select a from t where b > 'now'::timestamptz                 | now
          select a from t where b > date ' Today '                     | Today
          select a from t where b > timestamp 'yesterday'              | yesterday
          select json_arrayagg(a) from t                               | JSON_ARRAYAGG
          select a into u from t                                       | INTO
          with d as (delete from u returning *) select * from t, d     | WITH
          """)
  void refusesWhatDiffersFromShardToShard(String sql, String named) {
    assertThatThrownBy(() -> check(sql)).isInstanceOf(SqlRefused.class).hasMessageContaining(named);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select a, \"user\", t.current_user, \"current_date\" from t",
        "select now(), current_timestamp(3), current_date, localtime, LOCALTIMESTAMP, age(a) from t",
        "select pg_catalog.lower(a), UPPER(a), \"lower\"(a) from t",
        "select a from t where b = 'now' and c = 'today'",
        "select extract(year from a), substring(a from 1 for 2), position('x' in a) from t",
        "select a::text, b::timestamp(3), c::registry from t",
        "table t",
      })
  void letsPassWhatIsTheSameEverywhere(String sql) {
    assertThatCode(() -> check(sql)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select now(), 'now'::timestamptz",
        "select now(), timestamptz('now')",
        "select now(), date 'today'",
      })
  void refusesAnotherMomentBesideTheOneThatIsBound(String sql) {
    assertThatThrownBy(() -> SpreadCheck.checkMoments(ParsedStatement.of(sql)))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("as a time");
  }

  @Test
  void letsOneShardSayWhatDiffersFromShardToShard() {
    assertThatCode(
            () ->
                SpreadCheck.checkMoments(
                    ParsedStatement.of(
                        "select now(), current_user, random(), ctid, 't'::regclass,"
                            + " '2026-02-03'::date, 'now' from t")))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesATableThatNobodySaw() {
    ParsedStatement statement =
        ParsedStatement.of("select * from t join (u join v on true) on true");
    assertThatThrownBy(() -> SpreadCheck.check(statement, List.of()))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("the place of t in FROM");
    List<TableUse> seen = new DeclaredTables(statement, Map.of(), Set.of("t", "u", "v")).uses();
    assertThatThrownBy(() -> SpreadCheck.check(statement, seen))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("in FROM");
  }

  @Test
  void refusesToJoinWithATableThatIsNotSharded() {
    ParsedStatement statement = ParsedStatement.of("select * from t");
    TableUse use = new DeclaredTables(statement, Map.of(), Set.of()).uses().get(0);
    assertThatThrownBy(() -> SpreadCheck.check(statement, List.of(use)))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("not sharded");
  }

  private static void check(String sql) {
    ParsedStatement statement = ParsedStatement.of(sql);
    Set<String> everywhere = Set.of("t", "u");
    SpreadCheck.check(statement, new DeclaredTables(statement, Map.of(), everywhere).uses());
  }
}

package dev.shardwright.router.internal.sql.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.sql.tree.ParsedStatement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EffectsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "select now(), upper(name), count(*), sum(a) over (order by b) from t",
        "select * from t where lower(a) = 'x' order by abs(b)",
      })
  void areNoneOfFunctionsThatAreKnown(String sql) {
    assertThat(Effects.none(ParsedStatement.of(sql).tree())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select nextval('s')",
        "select place_order(1)",
        "select a from t where upper(b) = 'X' and exists (select audit.log(a))",
        "select set_config('search_path', 'x', false)",
        "select pg_advisory_lock(1)",
        "with x as (select f() as a) select * from x",
        "select lo_create(0)",
      })
  void arePossibleOfAllOthers(String sql) {
    assertThat(Effects.none(ParsedStatement.of(sql).tree())).isFalse();
  }
}

package dev.shardwright.router.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "  SELECT * from updates where inserted_at > ?",
        "values (1)",
        "table users",
        "with recent as (select 1) select * from recent",
        "(select 1) union (select 2)"
      })
  void seesThatAStatementReads(String sql) {
    assertThat(ReadText.onlyReads(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "insert into users values (1) returning user_id",
        "Update users set name = 'x' returning name",
        "with gone as (delete from users returning *) select * from gone",
        "with w as (merge into a using b on true when matched then do nothing) select 1",
        "select * into copies from users",
        "select * from users for update",
        "call something()",
        "explain analyze delete from users"
      })
  void trustsNothingElse(String sql) {
    assertThat(ReadText.onlyReads(sql)).isFalse();
  }
}

package dev.shardwright.router.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements that the parser would read otherwise than PostgreSQL, without a word. */
class ParsedStatementRefusalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // the parser drops what stands in the second column
        "insert into t (k, arr[1]) values (1, 2)                                | at '['",
        "insert into t (k, pr.l) values (1, 2)                                  | at 'pr'",
        "select * from t natural left join u natural inner join w               | at 'natural'",
        // it takes the condition of the outer join for one of the inner join
        "select * from t left join u left join w on w.i = u.i on t.k = u.k      | for Join",
        // it takes a keyword for a name
        "select '{}'::int array                                                 | for array",
        "select * from (table t) s                                              | for table",
        "select concat(variadic array['a'])                                     | for variadic",
        // it takes operators of PostgreSQL for another dialect's
        "select @ a from t                                                      | in its syntax",
        "select @a from t                                                       | for UserVariable",
        "select a 'x' from t                                                    | ~0",
      })
  void refusesWhatWouldBeReadOtherwise(String sql, String where) {
    assertThatThrownBy(() -> ParsedStatement.of(sql))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining(where)
        .hasMessageContaining("say its sharding key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select j ->> 'a' || 'x' from t",
        "select c || a + 1 from t",
        "select a << 1 + 1 from t",
        "select a % 3 ^ 2 from t",
        "select a between 1 and 2 = true from t",
      })
  void refusesWhatTheParserGroupsOtherwise(String sql) {
    assertThatThrownBy(() -> ParsedStatement.of(sql))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("put parentheses in");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select a or b and not c = 1 and d is null or e in (1) and f between 1 and 2 + 1 from t",
        "select -a + b * (c ^ 2) - d::int / -e::numeric from t where a = 1 and not not b",
        "select a || b || 'c' = 'd', (j ->> 'a') || 'x', not a is null, a = -1, a - -1 from t",
        "select a like 'x' || b escape '!', a at time zone 'UTC' + b, c collate \"C\" || d from t",
        "select all a from t offset 5 limit 10",
        "select a from t for update limit 1",
        "select a from t fetch first 3 rows only offset 2",
        "select A, \"B\" from T where a != 1",
        "insert into t (k) values (1) on conflict (k) do update set a = excluded.a returning *",
      })
  void understands(String sql) {
    assertThatCode(() -> ParsedStatement.of(sql)).doesNotThrowAnyException();
  }

  @Test
  void namesTheRemedy() {
    assertThatThrownBy(() -> ParsedStatement.of("select a operator(pg_catalog.+) b from t"))
        .isInstanceOfSatisfying(
            SqlRefused.class,
            refused -> assertThat(refused.reason()).isEqualTo(SqlRefused.Reason.NOT_UNDERSTOOD))
        .hasMessageContaining("say its sharding key");
  }
}

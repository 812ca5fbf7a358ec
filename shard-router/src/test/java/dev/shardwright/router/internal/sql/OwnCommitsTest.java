package dev.shardwright.router.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnCommitsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "call p()",
        " Call p(?)",
        "{call p(?)}",
        "-- select\n/* of /* all */ */ call p()",
        "; do $$ begin commit; end $$",
        "insert into t values (';'); call p()",
        "insert into t values (1); commit; insert into t values (2)",
        "insert into t values (1); end",
        "update t set a = 1; prepare transaction 'x'",
        "select 'without an end",
        "update t set a = 1; select 1"
      })
  void seesThatATextMayCommitBeforeItEnds(String sql) {
    assertThat(OwnCommits.areIn(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "insert into t values ('call') on conflict do nothing",
        "delete from t where call = $$; call p()$$",
        "delete from t /* ; call p() */ -- ; commit",
        "select case when a then b end from t;",
        "insert into t values ({d '2026-01-01'}, ?)",
        "\"call\""
      })
  void seesThatItCommitsAsAWhole(String sql) {
    assertThat(OwnCommits.areIn(sql)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "create unique index concurrently if not exists i on orders (id), true",
    "REINDEX (verbose) INDEX CONCURRENTLY i, true",
    "create index \"concurrently\" on orders (id), false",
    "comment on index i is $$concurrently$$, false"
  })
  void seesThatAnIndexIsMadeInSeveralTransactions(String sql, boolean inStages) {
    assertThat(OwnCommits.isInStages(sql)).isEqualTo(inStages);
  }
}

package dev.shardwright.router.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionEndsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "commit",
        " Commit work",
        "/* so */ END",
        "abort",
        "rollback",
        "rollback and chain",
        "insert into t values (1); commit; insert into t values (2)",
        "rollback; rollback to savepoint s",
        "rollback /* to be sure */",
        "rollback -- to the beginning",
        "prepare transaction 'x'",
        "create function f() returns int begin atomic select 1; end; commit",
        "create function f() returns int begin atomic end; commit",
        "select 1 as a234567890123456789012345678901234567890123456789012345678901234; commit",
      })
  void seesThatATextEndsItsTransaction(String sql) {
    assertThat(TransactionEnds.areIn(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "select case when a then b end from t",
        "insert into t values ('; commit')",
        "-- commit\nselect 1",
        "rollback to s",
        "rollback to s; update t set a = 1",
        "prepare p as select 1",
        "create function f() returns int begin atomic select 1; select 2; end",
        "ROLLBACK WORK TO SAVEPOINT s",
        "savepoint s"
      })
  void seesThatItGoesOn(String sql) {
    assertThat(TransactionEnds.areIn(sql)).isFalse();
  }
}

package dev.shardwright.router.internal.sql.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlScannerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "select a from t where k = ?         | select a from t where k = ?1",
        "select a from t where k=?;          | select a from t where k= ?1",
        "select a from t where k = $2        | select a from t where k = ?2",
        "select 'it''s' , 'b'                | select '~0' , '~1'",
        "select E'it\\'s -- no', b           | select '~0' , b",
        "select U&'d!0061' uescape '!' , b   | select '~0' , b",
        "select $$it's$$, $a$ $$ $a$         | select '~0' , '~1'",
        "select interval'1 day'              | select interval '~0'",
        "select a /* x /* y */ ' */ , b -- z | select a , b",
        "select a ?? 'x', b ??& c, d @?? e   | select a ? '~0' , b ?& c, d @? e",
        "select U&\"d\\0061t\\0061\"         | select \"data\"",
        "select b'01', X'1f', N'x'           | select '~0' , '~1' , '~2'",
      })
  void normalises(String sql, String expected) {
    assertThat(SqlScanner.scan(sql).normalised().replaceAll("\\s+", " ").strip())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "a=-1        | a = - 1",
        "a@-1        | a @- 1",
        "a<-1        | a < - 1",
        "a<>-1       | a <> - 1",
        "a->>-1      | a ->> - 1",
        "a=--1       | a =",
        "a*/**/-1    | a * - 1",
        "a!=-b       | a !=- b",
        "a::int[1:2] | a :: int [ 1 : 2 ]",
        "x.5e3+.5    | x .5e3 + .5",
        "0x1F+1_000  | 31 + 1000",
        "0B1_0+0o17+1_0.5e1_0 | 2 + 15 + 10.5e10",
        "a$1b        | a$1b",
        "ä.\"B\"\"c\"| ä . \"B\"\"c\"",
        "f(a=>1)     | f ( a => 1 )",
      })
  void cutsLikePostgres(String sql, String expected) {
    assertThat(
            SqlScanner.scan(sql).tokens().stream()
                .map(Token::text)
                .collect(Collectors.joining(" ")))
        .isEqualTo(expected);
  }

  static Stream<Arguments> strings() {
    return Stream.of(
        arguments("'it''s'", "it's"),
        arguments("E'it\\'s\\x41\\u00e9\\101'", "it'sAéA"),
        arguments("E'\\xc3\\xa9\\U0001F600'", "é😀"),
        arguments("E'\\ud83d\\ude00'", "😀"),
        arguments("U&'d\\0061t\\+000061\\\\'", "data\\"),
        arguments("U&'d!0061' UESCAPE '!'", "da"),
        arguments("U&'\\d83d\\de00'", "😀"),
        arguments("$x$it's $$ $x$", "it's $$ "),
        arguments("'a'\n 'b'", "ab"),
        arguments("'a' -- c\n 'b'", "ab"),
        arguments("'a'\n -- c\n 'b'", "ab"),
        arguments("B'101'", "101"));
  }

  @ParameterizedTest
  @MethodSource("strings")
  void readsStrings(String sql, String value) {
    assertThat(SqlScanner.scan(sql).literals().get(0).value()).isEqualTo(value);
  }

  @Test
  void sendsTheCallersTextWithQuestionMarksForNumbers() {
    SqlText text =
        SqlScanner.scan("select '$1', $2 /* $3 */ , $$ $4 $$ from t where k=$1 and l=$2;").text();
    assertThat(text)
        .isEqualTo(
            new SqlText(
                "select '$1', ? /* $3 */ , $$ $4 $$ from t where k=? and l=?;",
                List.of(
                    new Binding.Parameter(2), new Binding.Parameter(1), new Binding.Parameter(2))));
  }

  @Test
  void sendsATextWithQuestionMarksAsItIs() {
    String sql = "select '?', a ?? b, ? from t -- ?";
    assertThat(SqlScanner.scan(sql).text())
        .isEqualTo(new SqlText(sql, List.of(new Binding.Parameter(1))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " -- nothing\n ; ",
        "select 1; select 2",
        "select (1",
        "select 1)",
        "select (1]",
        "select 'a",
        "select E'a\\'",
        "select \"a",
        "select \"\"",
        "select $$a",
        "select $a",
        "select $0",
        "select $99999999999",
        "select $1, ?",
        "select ?, $1",
        "select ?1",
        "select 1a",
        "select /* /* */",
        "select {fn now()}",
        "select a \\ b",
        "select '\ud800'",
        "select 'a\0'",
        "select E'\\000'",
        "select E'\\xff'",
        "select E'\\ud800'",
        "select U&'\\d8'",
        "select U&'a' uescape '+'",
      })
  void refuses(String sql) {
    assertThatThrownBy(() -> SqlScanner.scan(sql))
        .isInstanceOfSatisfying(
            SqlRefused.class,
            refused -> assertThat(refused.reason()).isEqualTo(SqlRefused.Reason.SYNTAX));
  }
}

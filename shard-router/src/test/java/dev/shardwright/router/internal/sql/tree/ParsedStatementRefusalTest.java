package dev.shardwright.router.internal.sql.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.util.Map;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.JsonExpression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.statement.select.PlainSelect;
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
        "select * from t natural left join u natural inner join w               | at 'natural'; write natural join without inner",
        // it takes the condition of the outer join for one of the inner join
        "select * from t left join u left join w on w.i = u.i on t.k = u.k      | for Join",
        // it takes a keyword for a name
        "select '{}'::int array                                                 | for array",
        "select * from (table t) s                                              | for table",
        "select concat(variadic array['a'])                                     | for variadic",
        // it takes operators of PostgreSQL for another dialect's
        "select @ a from t                                                      | in its syntax",
        "select @a from t                                                       | for UserVariable",
        "select d - interval + day from t                                       | for IntervalExpression",
        "select * from rows from (f(1), g(1)) as x                              | for TableFunction",
        "select a..b from t                                                     | for Table",
        // its names may begin with the sign of an operator
        "select count(*) #1 from t                                              | at '#'",
        "select (a)#5 from t                                                    | at '#'",
        "select s.k from (select k #1 from t) s                                 | at '#'",
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
        "select -a::int + ~ b + 1 from t",
      })
  void refusesWhatTheParserGroupsOtherwise(String sql) {
    assertThatThrownBy(() -> ParsedStatement.of(sql))
        .isInstanceOf(SqlRefused.class)
        .hasMessageContaining("put parentheses in");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          j ->> k ¦¦ l            | (j ->> k) ¦¦ l
          j -> f(a) ->> g(b)      | (j -> f(a)) ->> g(b)
          j -> k ->> l = m        | ((j -> k) ->> l) = m
          a ¦¦ b + c ¦¦ d         | (a ¦¦ (b + c)) ¦¦ d
          a << b + c              | a << (b + c)
          a * b % c ^ d ^ e       | (a * b) % ((c ^ d) ^ e)
          a - b * c ^ d / e + f   | (a - ((b * (c ^ d)) / e)) + f
          j ->> k is null and a   | ((j ->> k) is null) and a
          j ->> k in (a ¦¦ b + c) | (j ->> k) in (a ¦¦ (b + c))
          j ->> k like a ¦¦ b     | (j ->> k) like (a ¦¦ b)
          not j ->> k = a and b   | (not ((j ->> k) = a)) and b
          j ->> k between a ¦¦ b + 1 and c ¦¦ 2 + d and e | ((j ->> k) between (a ¦¦ (b + 1)) and (c ¦¦ (2 + d))) and e
          a between b and c = d   | (a between b and c) = d
          a ¦¦ b = c + d and e ¦¦ f + g < h or i | (((a ¦¦ b) = (c + d)) and ((e ¦¦ (f + g)) < h)) or i
          """)
  void groupsAsPostgresDoes(String written, String grouped) {
    assertThat(shape(written.replace('¦', '|'))).isEqualTo(shape(grouped.replace('¦', '|')));
  }

  /** The operands of each operator, whether brackets or precedence say so. */
  private static String shape(String expression) {
    PlainSelect select = (PlainSelect) ParsedStatement.of("select " + expression).tree();
    return shape(select.getSelectItem(0).getExpression());
  }

  private static String shape(Expression node) {
    if (node instanceof ParenthesedExpressionList<?> brackets) {
      return shape(brackets.get(0));
    }
    if (node instanceof BinaryExpression binary) {
      return "(%s %s %s)"
          .formatted(
              shape(binary.getLeftExpression()),
              binary.getStringExpression(),
              shape(binary.getRightExpression()));
    }
    if (node instanceof JsonExpression json) {
      String chain = shape(json.getExpression());
      for (Map.Entry<Expression, String> step : json.getIdentList()) {
        chain = "(%s %s %s)".formatted(chain, step.getValue(), shape(step.getKey()));
      }
      return chain;
    }
    if (node instanceof IsNullExpression is) {
      return "(%s is null)".formatted(shape(is.getLeftExpression()));
    }
    if (node instanceof InExpression in) {
      return "(%s in %s)".formatted(shape(in.getLeftExpression()), shape(in.getRightExpression()));
    }
    if (node instanceof NotExpression not) {
      return "(not %s)".formatted(shape(not.getExpression()));
    }
    if (node instanceof Between between) {
      return "(%s between %s and %s)"
          .formatted(
              shape(between.getLeftExpression()),
              shape(between.getBetweenExpressionStart()),
              shape(between.getBetweenExpressionEnd()));
    }
    return node.toString();
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

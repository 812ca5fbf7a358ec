package dev.shardwright.router.internal.sql.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.sql.scan.Binding.Now;
import dev.shardwright.router.internal.sql.scan.Binding.Parameter;
import dev.shardwright.router.internal.sql.scan.Binding.Partials;
import dev.shardwright.router.internal.sql.scan.Literal;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.util.List;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.statement.select.PlainSelect;
import org.junit.jupiter.api.Test;

class ParsedStatementTest {
  @Test
  void putsStringsAndPlacesBackIn() {
    ParsedStatement statement =
        ParsedStatement.of("select $$it's$$, a ?? E'\\t' from t where k=$2 and l = $1");
    assertThat(statement.print(statement.tree().toString()))
        .isEqualTo(
            new SqlText(
                "SELECT $$it's$$, a ?? E'\\t' FROM t WHERE k = ? AND l = ?",
                List.of(new Parameter(2), new Parameter(1))));
  }

  @Test
  void composesPartsWithOtherSql() {
    ParsedStatement statement = ParsedStatement.of("select a from t where k = ? and b = 'x'");
    String where = ((PlainSelect) statement.tree()).getWhere().toString();
    assertThat(
            statement.print(
                "select 'plain', unnest("
                    + ParsedStatement.place(new Partials(3))
                    + "::text[]) where "
                    + where
                    + " and c < "
                    + ParsedStatement.place(new Now())))
        .isEqualTo(
            new SqlText(
                "select 'plain', unnest(?::text[]) where k = ? AND b = 'x' and c < ?",
                List.of(new Partials(3), new Parameter(1), new Now())));
  }

  @Test
  void tellsTheStringOfANode() {
    ParsedStatement statement = ParsedStatement.of("select E'a\\x62'");
    StringValue node =
        (StringValue) ((PlainSelect) statement.tree()).getSelectItem(0).getExpression();
    assertThat(statement.literal(node)).get().extracting(Literal::value).isEqualTo("ab");
    assertThat(statement.literal(new StringValue("ab"))).isEmpty();
  }
}

package dev.shardwright.router.internal.sql.tree;

import static org.assertj.core.api.Assertions.assertThat;

import net.sf.jsqlparser.expression.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select j -> f(a) ->> g(b) from t",
        "select array_agg(a order by f(a)) filter (where g(a)) from t",
        "select a from t where a in (f(1), g(2))",
        "select a from t group by grouping sets ((f(a)), (g(a)))",
        "select sum(a) over (partition by f(a) order by g(a)) from t",
        "insert into t (a) values (1) on conflict (a) do update set a = f(1) where g(2)",
        "select case f(a) when g(b) then 1 end from t",
        "select a from t limit f(1) offset g(2)",
      })
  void findBothFunctions(String sql) {
    ParsedStatement statement = ParsedStatement.of(sql);
    assertThat(Nodes.all(statement.tree(), Function.class).toString()).contains("f(", "g(");
    assertThat(
            Nodes.each(statement.tree()).stream()
                .filter(Function.class::isInstance)
                .toList()
                .toString())
        .contains("f(", "g(");
  }
}

package dev.shardwright.router.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.router.internal.sql.Analysis.Kind;
import dev.shardwright.router.internal.sql.tables.SearchPath;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnalyzerTest {
  private final Analyzer analyzer = new Analyzer();

  @Test
  void keepsWhatItHasReadUntilTheTablesChange() {
    String sql = "select * from orders where user_id = ?";
    Analysis first = analyze(sql);
    assertThat(analyze(sql)).isSameAs(first);
    assertThat(analyzer.analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY.next()))
        .isSameAs(first);
    assertThat(
            analyzer.analyze(sql, new SearchPath(List.of("sales", "public")), TestShards.TOPOLOGY))
        .isNotSameAs(first);
  }

  @Test
  void saysWhatKindOfStatementItIs() {
    assertThat(analyze("select 1").kind()).isEqualTo(Kind.QUERY);
    assertThat(analyze("select * from users where id = 5 for update").kind()).isEqualTo(Kind.WRITE);
    Analysis delete = analyze("delete from users where id = $1 and name = $2 returning id");
    assertThat(delete.kind()).isEqualTo(Kind.WRITE);
    assertThat(delete.givesRows()).isTrue();
    assertThat(delete.parameters()).isEqualTo(2);
    assertThat(delete.text().text())
        .isEqualTo("delete from users where id = ? and name = ? returning id");
    assertThat(analyze("update users set name = 'x' where id = 1").givesRows()).isFalse();
  }

  private Analysis analyze(String sql) {
    return analyzer.analyze(sql, SearchPath.DEFAULT, TestShards.TOPOLOGY);
  }
}

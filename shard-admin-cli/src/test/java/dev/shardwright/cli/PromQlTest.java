package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.cli.PromQl.Label;
import dev.shardwright.cli.PromQl.Names;
import dev.shardwright.cli.PromQl.Selector;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromQlTest {
  @Test
  void findsMetricsLabelsAndGrouping() {
    Names names =
        PromQl.read(
            "sum by (a, b) (rate(m_total{x=\"1\",y=~\"2|3\",z!=\"4\"}[5m])) / on (c) n > 0.5");
    assertThat(names.selectors())
        .containsExactly(
            new Selector(
                "m_total",
                List.of(
                    new Label("x", List.of("1")),
                    new Label("y", List.of("2", "3")),
                    new Label("z", List.of()))),
            new Selector("n", List.of()));
    assertThat(names.grouping()).containsExactly("a", "b", "c");
  }

  @Test
  void whatIsNoPromQlDoesNotParse() {
    for (String wrong :
        List.of(
            "",
            "max(",
            "max(m))",
            "m >",
            "m n",
            "rate(m)",
            "rate(m[5])",
            "m{x}",
            "m{x=1}",
            "m{x=\"1\"",
            "max by a (m)",
            "> 1",
            "rte(m[5m])",
            "m # n")) {
      assertThatThrownBy(() -> PromQl.read(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}

package dev.shardwright.cli.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class RebalanceOrderTest {
  @Test
  void whatIsNotSaidIsAsInTheCommandLine() {
    RebalanceOrder usual = new RebalanceOrder(Optional.empty(), Goal.TOKENS, MoveOptions.DEFAULTS);
    assertThat(RebalanceOrder.read("{}")).isEqualTo(usual);
    assertThat(RebalanceOrder.read(" ")).isEqualTo(usual);
  }

  @Test
  void whatIsSaidCounts() {
    RebalanceOrder order =
        RebalanceOrder.read(
            "{\"by\":\"rows\",\"rollbackWindow\":\"2h\",\"maxRate\":\"20MB\",\"maxPause\":\"100ms\"}");
    assertThat(order.goal()).isEqualTo(Goal.ROWS);
    assertThat(order.options().rollbackWindow()).isEqualTo(Duration.ofHours(2));
    assertThat(order.options().bytesPerSecond()).isEqualTo(20_000_000);
    assertThat(order.options().pause()).isEqualTo(Duration.ofMillis(100));
    assertThat(RebalanceOrder.read("{\"plan\":\"p\",\"maxRate\":\"1kB\"}").plan()).contains("p");
  }

  @Test
  void whatIsNotUnderstoodIsRefused() {
    for (String body :
        List.of(
            "[]",
            "{",
            "{}}",
            "{} {}",
            "null",
            "\"by\"",
            "{\"by\":1}",
            "{\"by\":null}",
            "{\"by\":{\"by\":\"rows\"}}",
            "{\"by\":\"size\"}",
            "{\"without\":\"s1\"}",
            "{\"plan\":\"p\",\"by\":\"tokens\"}",
            "{\"maxRate\":\"0\"}",
            "{\"maxPause\":\"2s\"}",
            "{\"rollbackWindow\":\"soon\"}")) {
      assertThatThrownBy(() -> RebalanceOrder.read(body))
          .as(body)
          .asInstanceOf(InstanceOfAssertFactories.type(RefusedRequest.class))
          .satisfies(refused -> assertThat(refused.status()).isEqualTo(400));
    }
    assertThatThrownBy(() -> RebalanceOrder.read("{\"without\":\"s1\"}"))
        .hasMessageContainingAll("'without'", "rollbackWindow");
    assertThatThrownBy(() -> RebalanceOrder.read("{\"by\":\"size\"}"))
        .hasMessageContaining("[tokens, rows, bytes, load]");
  }
}

package dev.shardwright.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.cli.daemon.web.RefusedRequest;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.RebalancePlan;
import dev.shardwright.rebalance.plan.RebalanceRequest.Balance;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ShownPlansTest {
  private static final RebalancePlan PLAN =
      new RebalancePlan(Balance.by(Goal.TOKENS), List.of(), List.of());

  @Test
  void onlyTheNewestAreKept() {
    ShownPlans plans = new ShownPlans();
    RebalancePlan first = new RebalancePlan(Balance.by(Goal.ROWS), List.of(), List.of());
    String name = plans.keep(first);
    for (int i = 1; i < ShownPlans.MOST; i++) {
      plans.keep(PLAN);
    }
    assertThat(plans.get(name)).isSameAs(first);
    plans.keep(PLAN);
    assertThatThrownBy(() -> plans.get(name))
        .asInstanceOf(InstanceOfAssertFactories.type(RefusedRequest.class))
        .satisfies(refused -> assertThat(refused.status()).isEqualTo(409))
        .satisfies(refused -> assertThat(refused).hasMessageContaining("make a new one"));
  }
}

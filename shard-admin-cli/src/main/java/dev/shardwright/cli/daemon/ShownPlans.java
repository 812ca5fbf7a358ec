package dev.shardwright.cli.daemon;

import dev.shardwright.cli.daemon.web.RefusedRequest;
import dev.shardwright.rebalance.plan.RebalancePlan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The newest plans that somebody has seen, so that these are started and no others: the next sample
 * may lead to another plan. Whether one can still be carried out is checked as it is started. Not
 * thread-safe.
 */
final class ShownPlans {
  static final int MOST = 8;

  private final Map<String, RebalancePlan> plans =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RebalancePlan> eldest) {
          return size() > MOST;
        }
      };

  /** Keeps a plan, and gives it a name that no other daemon gives. */
  String keep(RebalancePlan plan) {
    String name = UUID.randomUUID().toString();
    plans.put(name, plan);
    return name;
  }

  /**
   * The plan of that name.
   *
   * @throws RefusedRequest if it is not kept
   */
  RebalancePlan get(String name) {
    RebalancePlan plan = plans.get(name);
    if (plan == null) {
      throw new RefusedRequest(
          409,
          "this daemon does not know plan '%s', or not any more: make a new one".formatted(name));
    }
    return plan;
  }
}

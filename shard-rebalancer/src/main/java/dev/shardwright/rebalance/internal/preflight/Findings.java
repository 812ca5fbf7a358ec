package dev.shardwright.rebalance.internal.preflight;

import dev.shardwright.rebalance.check.Finding;
import dev.shardwright.rebalance.check.Severity;
import java.util.ArrayList;
import java.util.List;

/** Gathers what one check finds. Not thread-safe. */
final class Findings {
  private final String check;
  private final List<Finding> found = new ArrayList<>();

  Findings(String check) {
    this.check = check;
  }

  /** The migration must not begin. */
  void block(String what, String remedy) {
    found.add(new Finding(Severity.BLOCKING, check, what, remedy));
  }

  /** The operator should know. */
  void warn(String what, String remedy) {
    found.add(new Finding(Severity.WARNING, check, what, remedy));
  }

  List<Finding> list() {
    return List.copyOf(found);
  }
}

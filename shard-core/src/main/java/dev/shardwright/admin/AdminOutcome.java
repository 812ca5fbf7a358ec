package dev.shardwright.admin;

import dev.shardwright.topology.Epoch;
import java.util.List;

/**
 * What came of a command.
 *
 * @param epoch an epoch whose topology is as the command wanted it
 * @param advice what the operator should know or do next, in sentences; often empty
 */
public record AdminOutcome(Epoch epoch, List<String> advice) {
  /** Keeps a copy of the advice. */
  public AdminOutcome {
    advice = List.copyOf(advice);
  }

  static AdminOutcome at(Epoch epoch) {
    return new AdminOutcome(epoch, List.of());
  }
}

package dev.shardwright.rebalance.check;

/** What a finding means for the migration. */
public enum Severity {
  /** It must not begin. */
  BLOCKING,
  /** It may begin, but the operator should know. */
  WARNING
}

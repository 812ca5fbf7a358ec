package dev.shardwright.cli.daemon.alert;

/** How bad it is. */
public enum Severity {
  /** Look at it today. */
  WARNING,
  /** Look at it now. */
  CRITICAL
}

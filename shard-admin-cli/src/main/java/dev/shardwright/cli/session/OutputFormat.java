package dev.shardwright.cli.session;

/** How answers are written. */
public enum OutputFormat {
  /** Aligned text, for people. */
  TABLE,
  /** JSON, for programs. */
  JSON
}

package dev.shardwright.rebalance.internal.table;

import java.util.Locale;

/** How COPY writes rows. */
public enum CopyFormat {
  /** Faster; values stay bit for bit what they are. */
  BINARY,
  /** For types whose binary form names object ids, which differ between servers. */
  TEXT;

  /** The option of COPY. */
  public String sql() {
    return "with (format " + name().toLowerCase(Locale.ROOT) + ")";
  }
}

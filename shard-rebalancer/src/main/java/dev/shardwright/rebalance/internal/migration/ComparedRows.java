package dev.shardwright.rebalance.internal.migration;

/**
 * What was compared, as long as nothing but writes changes it: a stamp of the tables of each side.
 *
 * @param from where the rows come from
 * @param to where they go
 */
public record ComparedRows(String from, String to) {
  /** Of a comparison that is not known: no stamp is equal to it. */
  public static final ComparedRows UNKNOWN = new ComparedRows("", "");
}

package dev.shardwright.rebalance.internal.capture;

/** What the objects of a migration are called in the databases, in SQL. */
public final class ObjectNames {
  private ObjectNames() {}

  /** The sequence whose last value says where the ranges are. */
  public static String register(int migration) {
    return "shardwright.register_" + migration;
  }

  /** The sequence whose last value is the timeline on which the register was asserted. */
  public static String timelineRegister(int migration) {
    return "shardwright.register_timeline_" + migration;
  }

  /** The table whose row a crash removes. */
  static String crashMark(int migration) {
    return "shardwright.crash_mark_" + migration;
  }

  /** The table with the keys of rows that were written. */
  public static String keyLog(int migration, int table) {
    return "shardwright.key_log_" + migration + "_" + table;
  }

  static String gateFunction(int migration, int table) {
    return "shardwright.gate_" + migration + "_" + table;
  }

  static String truncateFunction(int migration) {
    return "shardwright.truncate_" + migration;
  }

  /** Sorts after the ownership guard, and so fires after it. */
  static String gateTrigger(int migration) {
    return "zzz_shardwright_gate_" + migration;
  }

  static String truncateTrigger(int migration) {
    return "zzz_shardwright_truncate_" + migration;
  }
}

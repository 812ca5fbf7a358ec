package dev.shardwright.examples.quickstart;

import dev.shardwright.ring.ShardId;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/**
 * What the demo found, for people and, in the last line, for programs.
 *
 * @param rows how many records were loaded into the main table and those beside it that are
 *     generated with it
 * @param rejected how many records had no sharding key
 */
record Report(
    long rows,
    int rejected,
    Traffic.Outcome traffic,
    ScaleOut.Result scaleOut,
    Overview overview,
    Check.Result check) {

  /** Whether nothing was lost, doubled or failed. */
  boolean good() {
    return check.lost() == 0 && check.doubled() == 0 && traffic.failed() == 0;
  }

  void print(PrintStream out) {
    out.println();
    out.println("Rows per shard");
    long most = check.rowsPerShard().values().stream().mapToLong(Long::longValue).max().orElse(1);
    for (Map.Entry<ShardId, Long> shard : check.rowsPerShard().entrySet()) {
      String bar = "#".repeat((int) (40 * shard.getValue() / Math.max(1, most)));
      print(out, "  %-10s %,10d  %s", shard.getKey(), shard.getValue(), bar);
    }
    print(out, "  skew (max / average): %.2f", check.skew());
    out.println();
    out.println("Rows per table");
    check.rowsPerTable().forEach((table, count) -> print(out, "  %-10s %,10d", table, count));
    out.println();
    out.println("Traffic by key (four reads to one write, a write being a transaction)");
    print(
        out,
        "  %,d operations in %.1f s: %,d a second",
        traffic.latencies().count(),
        traffic.took().toMillis() / 1000.0,
        traffic.operationsPerSecond());
    print(
        out,
        "  latency p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, worst %.2f ms",
        traffic.latencies().percentileMillis(0.5),
        traffic.latencies().percentileMillis(0.95),
        traffic.latencies().percentileMillis(0.99),
        traffic.latencies().percentileMillis(1));
    out.println();
    scaleOut.print(out);
    out.println();
    overview.print(out);
    print(
        out,
        "Check of every acknowledged row: %d lost, %d doubled; %d operations failed, %d records"
            + " rejected for want of a key",
        check.lost(),
        check.doubled(),
        traffic.failed(),
        rejected);
    if (traffic.firstFailure() != null) {
      out.println("The first failure: " + traffic.firstFailure());
    }
    out.println();
  }

  /** The line for programs. */
  String result() {
    return String.format(
        Locale.ROOT,
        "RESULT rows=%d rejected=%d lost=%d doubled=%d failed=%d skew=%.3f ops_per_s=%d"
            + " p50_ms=%.3f p99_ms=%.3f moved_rows=%d pause_ms=%.1f skew_before=%.3f",
        rows,
        rejected,
        check.lost(),
        check.doubled(),
        traffic.failed(),
        check.skew(),
        traffic.operationsPerSecond(),
        traffic.latencies().percentileMillis(0.5),
        traffic.latencies().percentileMillis(0.99),
        scaleOut.movedRows(),
        scaleOut.longestPauseMillis(),
        scaleOut.skewBefore());
  }

  private static void print(PrintStream out, String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}

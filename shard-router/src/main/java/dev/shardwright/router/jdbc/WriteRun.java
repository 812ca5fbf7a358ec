package dev.shardwright.router.jdbc;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.write.ShardWrite;
import dev.shardwright.router.internal.sql.write.WritePlan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A write to several shards: one transaction for each, one after the other. What failed on one
 * shard leaves the others as they are, and says so. Used once, by one thread.
 */
final class WriteRun {
  /** A warning. */
  private static final String NOT_ATOMIC = "01000";

  private final List<ShardId> done = new ArrayList<>();
  private final List<Answered> answers = new ArrayList<>();

  /** Carries a shard's part out, and commits. */
  @FunctionalInterface
  interface OnShard {
    Answered of(ShardWrite part) throws SQLException;
  }

  /**
   * One shard's part.
   *
   * @throws SQLException with the state of what failed
   */
  void write(ShardWrite part, OnShard write) throws SQLException {
    ShardId shard = part.destination().shard();
    try {
      answers.add(write.of(part));
      done.add(shard);
    } catch (SQLException e) {
      throw done.isEmpty() ? e : partly(shard, e);
    }
  }

  private SQLException partly(ShardId failed, SQLException e) {
    return new SQLException(
        ("the write was carried out and committed on the shards %s, and then failed on shard %s;"
                + " it was not tried on those after it: %s")
            .formatted(done, failed, e.getMessage()),
        e.getSQLState(),
        e);
  }

  /** What came of it all. */
  Answered answered(WritePlan plan) {
    Answered first = answers.get(0);
    if (plan.replicated() || answers.size() == 1) {
      return first;
    }
    ResultSet rows = together(plan, Answered::rows);
    long count = answers.stream().mapToLong(Answered::count).sum();
    SQLWarning warning =
        new SQLWarning("carried out as one transaction on each of the shards " + done, NOT_ATOMIC);
    return new Answered(
        rows, rows == null ? count : -1, together(plan, Answered::keys), warning, null);
  }

  private @Nullable ResultSet together(
      WritePlan plan, Function<Answered, @Nullable ResultSet> which) {
    List<ResultSet> all = new ArrayList<>();
    SortedMap<Integer, ResultSet> byPlace = new TreeMap<>();
    for (int i = 0; i < answers.size(); i++) {
      ResultSet rows = which.apply(answers.get(i));
      if (rows != null) {
        all.add(rows);
        plan.writes().get(i).rows().forEach(place -> byPlace.put(place, rows));
      }
    }
    return all.isEmpty() ? null : new RowsInOrder(List.copyOf(byPlace.values()), all);
  }
}

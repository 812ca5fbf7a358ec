package dev.shardwright.router.internal.jdbc.parts;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.jdbc.rows.RowsInOrder;
import dev.shardwright.router.internal.jdbc.statement.Answered;
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
 * What came of a write to several shards, one transaction for each: what failed on one shard leaves
 * the others as they are, and says so. Used by one thread.
 */
public final class WriteRun {
  /** A warning. */
  private static final String NOT_ATOMIC = "01000";

  private final WritePlan plan;
  private final List<ShardId> shards;
  private final List<Answered> answers;
  private final long mostRows;

  private WriteRun(WritePlan plan, List<ShardId> shards, List<Answered> answers, long mostRows) {
    this.plan = plan;
    this.shards = shards;
    this.answers = answers;
    this.mostRows = mostRows;
  }

  /**
   * The answers of all parts taken together.
   *
   * @param ends of the plan's parts, in their order
   * @param mostRows how many rows the caller wants; 0 for all
   * @throws SQLException if one failed; says what became of each
   */
  public static Answered answered(WritePlan plan, List<PartEnd<Answered>> ends, long mostRows)
      throws SQLException {
    List<ShardId> shards =
        plan.writes().stream().map(ShardWrite::destination).map(to -> to.shard()).toList();
    List<Answered> answers = ends.stream().flatMap(end -> end.given().stream()).toList();
    if (answers.size() < ends.size()) {
      for (Answered answer : answers) {
        answer.close();
      }
      throw failure(new PartFates(shards, ends));
    }
    return new WriteRun(plan, shards, answers, mostRows).answered();
  }

  private static SQLException failure(PartFates fates) {
    SQLException failure = fates.failure();
    if (failure == null) {
      throw new IllegalStateException("parts were left out though none had failed: " + fates);
    }
    return fates.isWithoutEffect() || fates.isWhole()
        ? failure
        : new SQLException(
            "the write is not whole: %s: %s".formatted(fates, failure.getMessage()),
            fates.sqlState(),
            failure);
  }

  private Answered answered() throws SQLException {
    Answered first = answers.get(0);
    if (plan.replicated() || answers.size() == 1) {
      for (Answered same : answers.subList(1, answers.size())) {
        same.close();
      }
      return first;
    }
    ResultSet rows = together(Answered::rows);
    long count = answers.stream().mapToLong(Answered::count).sum();
    SQLWarning warning =
        new SQLWarning(
            "carried out as one transaction on each of the shards " + shards, NOT_ATOMIC);
    return new Answered(
        rows, rows == null ? count : -1, together(Answered::keys), warning, null, false);
  }

  private @Nullable ResultSet together(Function<Answered, @Nullable ResultSet> which) {
    List<ResultSet> all = new ArrayList<>();
    SortedMap<Integer, ResultSet> byPlace = new TreeMap<>();
    for (int i = 0; i < answers.size(); i++) {
      ResultSet rows = which.apply(answers.get(i));
      if (rows != null) {
        all.add(rows);
        plan.writes().get(i).rows().forEach(place -> byPlace.put(place, rows));
      }
    }
    return all.isEmpty() ? null : new RowsInOrder(List.copyOf(byPlace.values()), all, mostRows);
  }
}

package dev.shardwright.router;

import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Cut;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.answer.SortKey;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.topology.Topology;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;

/** An analysis whose answers a test has written down, so that running them is tested by itself. */
record HandmadeAnalysis(SqlText text, List<Answer> answers) implements Analysis {
  /** The shards' rows as they are, in any order. */
  static HandmadeAnalysis rows(String sql) {
    return merging(new MergeRows(SqlText.of(sql), 0, List.of(), false, Cut.NONE));
  }

  /** The shards' rows in the order of those keys. */
  static HandmadeAnalysis ordered(String sql, SortKey... order) {
    return merging(new MergeRows(SqlText.of(sql), 0, List.of(order), false, Cut.NONE));
  }

  static HandmadeAnalysis merging(MergeRows answer) {
    return new HandmadeAnalysis(answer.part(), List.of(answer));
  }

  static SortKey ascending(int column) {
    return new SortKey(column, false, false, OptionalInt.empty());
  }

  static SortKey descending(int column) {
    return new SortKey(column, true, true, OptionalInt.empty());
  }

  @Override
  public Kind kind() {
    return Kind.QUERY;
  }

  @Override
  public boolean givesRows() {
    return true;
  }

  @Override
  public int parameters() {
    return text.bindings().size();
  }

  @Override
  public Destination destination(ParameterValues values, Topology topology) {
    return new Destination.SeveralShards(new TreeSet<>(topology.shards().keySet()));
  }
}

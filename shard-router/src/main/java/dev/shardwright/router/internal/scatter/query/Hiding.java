package dev.shardwright.router.internal.scatter.query;

import com.google.common.collect.Maps;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.answer.Combine;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.answer.MergeGroups;
import dev.shardwright.router.internal.sql.answer.MergeRows;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.tables.HiddenRows;
import dev.shardwright.topology.Topology;
import java.util.HashMap;
import java.util.Map;

/**
 * What shards on which rows are hidden do for an answer, where the others do what the answer says.
 * Immutable.
 *
 * @param answers by shard: the same answer, but for the rows that its parts see
 */
public record Hiding(Map<ShardId, Answer> answers) {
  static final Hiding NONE = new Hiding(Map.of());

  public Hiding {
    answers = Map.copyOf(answers);
  }

  /**
   * For one of the answers of a query.
   *
   * @param topology what the query goes by
   * @param at which of the answers, from 0
   */
  static Hiding of(Analysis analysis, Iterable<ShardId> shards, Topology topology, int at) {
    if (topology.moves().isEmpty()) {
      return NONE;
    }
    Map<ShardId, Answer> answers = new HashMap<>();
    for (ShardId shard : shards) {
      HiddenRows hidden = HiddenRows.on(shard, topology);
      if (!hidden.isEmpty()) {
        answers.put(shard, analysis.answers(hidden).get(at));
      }
    }
    return new Hiding(answers);
  }

  /** What these shards run for their parts of the answer. */
  Map<ShardId, SqlText> parts() {
    Map<ShardId, SqlText> parts = new HashMap<>();
    answers.forEach((shard, answer) -> parts.put(shard, part(answer)));
    return parts;
  }

  /** The same for the merged answer that asks for no collations. */
  Hiding withoutCollations() {
    return new Hiding(Maps.transformValues(answers, Hiding::withoutCollations));
  }

  private static Answer withoutCollations(Answer answer) {
    return answer instanceof MergeRows merging && merging.withoutCollations().isPresent()
        ? merging.withoutCollations().get()
        : answer;
  }

  /** What a shard has to copy. */
  public Gather on(ShardId shard, Gather otherwise) {
    return answers.get(shard) instanceof Gather hiding ? hiding : otherwise;
  }

  private static SqlText part(Answer answer) {
    if (answer instanceof MergeRows merging) {
      return merging.part();
    }
    if (answer instanceof MergeGroups merging) {
      return merging.part();
    }
    if (answer instanceof Combine combining) {
      return combining.part();
    }
    throw new IllegalStateException("rows that are copied are no part: " + answer);
  }
}

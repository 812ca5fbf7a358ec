package dev.shardwright.router;

import dev.shardwright.ring.ShardId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a query is carried out: on which shards, what each of them runs, how the answer is put
 * together, and what that costs. For people: the texts may change from version to version.
 *
 * @param level how the answer is put together
 * @param shards the shards that take part, in their order; for {@link Level#ANY_SHARD} those that
 *     can
 * @param statements what the shards run, in order
 * @param answer how their rows become the answer
 * @param cost how many rows and bytes travel, and what bounds them
 * @param otherwise how it is done instead if the types of the columns, which only the shards know,
 *     do not allow this; empty if there is no other way
 */
public record Explanation(
    Level level,
    List<ShardId> shards,
    List<String> statements,
    String answer,
    String cost,
    List<Level> otherwise) {

  /** How the answer is put together. */
  public enum Level {
    /** The shard that owns the key runs the statement as it is. */
    ONE_SHARD,
    /** Whichever shard is at hand runs the statement as it is. */
    ANY_SHARD,
    /** In the JVM, while the rows stream through. */
    MERGE,
    /** By PostgreSQL, in a last query over partial results of the shards. */
    COMBINE,
    /** By PostgreSQL, over copies of the rows on one shard. */
    GATHER
  }

  /** Keeps unmodifiable copies. */
  public Explanation {
    shards = List.copyOf(shards);
    statements = List.copyOf(statements);
    otherwise = List.copyOf(otherwise);
  }

  /** The explanation, a line for each thing that it says. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("level: " + level);
    lines.add("shards: " + shards.stream().map(ShardId::value).collect(Collectors.joining(", ")));
    statements.forEach(statement -> lines.add("statement: " + statement));
    lines.add("answer: " + answer);
    lines.add("cost: " + cost);
    if (!otherwise.isEmpty()) {
      lines.add("if types do not allow this: " + otherwise);
    }
    return lines;
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}

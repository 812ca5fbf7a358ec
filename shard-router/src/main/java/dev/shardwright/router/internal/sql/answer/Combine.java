package dev.shardwright.router.internal.sql.answer;

import dev.shardwright.router.internal.sql.scan.Binding;
import dev.shardwright.router.internal.sql.scan.SqlText;
import java.util.List;
import java.util.Optional;

/**
 * Each shard gives partial results; PostgreSQL itself finishes, in one last query on one shard over
 * all partial rows. Bounded by the number and size of the partial rows.
 *
 * @param part what each shard runs
 * @param last makes the last query
 */
public record Combine(SqlText part, Last last) implements Answer {

  /** Makes the last query once the types of the partial rows are known. Pure. */
  @FunctionalInterface
  public interface Last {
    /**
     * The last query, in which {@link Binding.Partials} stands for the partial rows.
     *
     * @param partialTypes the type of each column of the partial rows
     * @param labels the name of each column of the partial rows
     * @param names the names that the columns of the answer have in PostgreSQL; of those behind a
     *     star, maybe, they had before a schema change
     * @return empty if partial results of these types do not give the exact answer
     */
    Optional<SqlText> over(List<ColumnType> partialTypes, List<String> labels, List<String> names);
  }
}

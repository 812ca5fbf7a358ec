package dev.shardwright.router.internal.sql;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.answer.Answer;
import dev.shardwright.router.internal.sql.destination.Destination;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import dev.shardwright.router.internal.sql.scan.DottedName;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import dev.shardwright.router.internal.sql.scan.SqlText;
import dev.shardwright.router.internal.sql.tables.HiddenRows;
import dev.shardwright.router.internal.sql.write.ReferenceWrite;
import dev.shardwright.router.internal.sql.write.WritePlan;
import dev.shardwright.topology.Topology;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * What the text of a statement says, given the tables that are registered. Made once for a text and
 * kept, as long as the registrations stay. Immutable and thread-safe.
 */
public interface Analysis {
  /** What kind of statement it is. */
  enum Kind {
    /** Gives rows and changes none: SELECT, VALUES, TABLE. */
    QUERY,
    /** INSERT, UPDATE, DELETE, MERGE, a SELECT that locks rows, a query with a changing CTE. */
    WRITE,
    /** DDL, TRUNCATE, VACUUM and the like: goes to all shards. */
    SCHEMA_CHANGE,
    /** EXPLAIN of another statement. */
    EXPLAIN,
    /** BEGIN, COMMIT, SET and the like, and what only one shard can do, such as COPY or CALL. */
    SESSION
  }

  Kind kind();

  /** Whether PostgreSQL refuses it in a transaction that is read-only. */
  default boolean writes() {
    return switch (kind()) {
      case WRITE, SCHEMA_CHANGE -> true;
      case QUERY, EXPLAIN, SESSION -> false;
    };
  }

  /** What it says to the session, if it is of the kind {@link Kind#SESSION}. */
  default Optional<SessionStatement> session() {
    return Optional.empty();
  }

  /** The statement that is explained, if this is of the kind {@link Kind#EXPLAIN}. */
  default Optional<Analysis> explained() {
    return Optional.empty();
  }

  /**
   * Whether it is known for certain to change nothing, so that it may be carried out twice: a query
   * without functions that may have effects.
   */
  default boolean onlyReads() {
    return false;
  }

  /**
   * Whether it may be carried out outside of a transaction that has done nothing yet: it is known
   * for certain to have no effect, and asks nothing about the transaction.
   */
  default boolean mayBeApart() {
    return onlyReads();
  }

  /**
   * Whether it changes or locks rows of sharded tables, and is known for certain to do nothing
   * where none can have the keys that it says.
   */
  default boolean actsOnRowsAlone() {
    return false;
  }

  /**
   * The functions that would be meant, or be candidates, instead of the built-in ones that it
   * calls, if they existed: {@code schema.name} for the schemas of the search path. A statement
   * that calls none, or says {@code pg_catalog} each time, has none.
   */
  default Set<String> rivals() {
    return Set.of();
  }

  /** The names after a dot in it that are calls of functions where they are no columns. */
  default Set<DottedName> dottedNames() {
    return Set.of();
  }

  /** The keyspaces whose rows it is about; empty if it is known to be about none. */
  default Set<String> keyspaces() {
    return Set.of();
  }

  /** Whether it reads a table of which each shard has all rows. */
  default boolean readsReferences() {
    return false;
  }

  /** Whether it gives rows: a query, or a write with RETURNING. */
  boolean givesRows();

  /**
   * The statement as it goes to one shard: the caller's text, in which only {@code $1} and the like
   * have become {@code ?}.
   */
  SqlText text();

  /**
   * The same with one moment bound wherever it tells the time; the very same if it tells none.
   * Empty where that might be another statement.
   */
  default Optional<SqlText> atOneMoment() {
    return Optional.of(text());
  }

  /** How many parameters the caller has to give. */
  int parameters();

  /**
   * Where it goes with these parameters.
   *
   * @throws SqlRefused if a key is missing, or is of another type than its column
   */
  Destination destination(ParameterValues values, Topology topology);

  /**
   * Whether it may do or give something also on a shard that has no row that it is about. What
   * changes rows of sharded tables does not.
   */
  default boolean answersAnywhere() {
    return keyspaces().isEmpty();
  }

  /**
   * Looks whether it may go to whichever shard is at hand, if there are several.
   *
   * @throws SqlRefused if nothing in it says which shard is meant, and it is not certain that it
   *     has no effect and that each would answer as one PostgreSQL could
   */
  default void checkAnyShard() {}

  /** What it sets for the transaction that it is in, in small letters, by calling a function. */
  default Set<String> setsLocally() {
    return Set.of();
  }

  /**
   * Looks whether it may be the first that is done on a session of a shard: outside of
   * transactions, and where one begins.
   *
   * @throws SqlRefused if it would tell what somebody else did on that session
   */
  default void checkAsFirst() {}

  /** Whether it tells what was drawn on its session of a shard, be it by somebody else. */
  default boolean tellsDrawn() {
    return false;
  }

  /**
   * For the shards that need not be given all parameters for their parts of the answer: for each
   * place of a parameter, the place whose value the shard is given there, both from 1.
   *
   * @param topology the one that the destination was asked with
   */
  default Map<ShardId, IntUnaryOperator> shares(
      ParameterValues values, Collection<ShardId> shards, Topology topology) {
    return Map.of();
  }

  /**
   * How its answer over several shards is put together, the cheapest first; at least one.
   *
   * @throws SqlRefused if there is no exact way; says why, and what to write instead
   */
  List<Answer> answers();

  /**
   * The same answers in the same order, for shards that do not see all rows.
   *
   * @throws SqlRefused if there is no exact way; says why, and what to write instead
   */
  default List<Answer> answers(HiddenRows hidden) {
    if (hidden.isEmpty()) {
      return answers();
    }
    throw new IllegalStateException("is not about rows that can be hidden");
  }

  /** What a write leaves to each shard of a reference table; empty if it is no such write. */
  default Optional<ReferenceWrite> toReferenceTable() {
    return Optional.empty();
  }

  /**
   * How a write whose destination is several shards is carried out by each of them.
   *
   * @throws SqlRefused if it cannot be done shard by shard; says why, and what to write instead
   */
  default WritePlan writes(ParameterValues values, Topology topology) {
    throw new SqlRefused(
        SqlRefused.Reason.NOT_OVER_SHARDS,
        "the statement would change rows on several shards: give its sharding key, as in key = ?");
  }
}

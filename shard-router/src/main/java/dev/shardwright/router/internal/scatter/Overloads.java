package dev.shardwright.router.internal.scatter;

import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The functions of users that have the name of a built-in one, and about which not the same can be
 * believed as about that: a call may mean them. Read from a shard, since all have the same, when
 * they are first needed, and again after a while. Thread-safe.
 *
 * <p>A function that was made since is not seen until then. A session of PostgreSQL that prepared
 * the statement before would not call it either, for as long as it lives.
 */
final class Overloads {
  private static final Duration KEPT = Duration.ofSeconds(30);

  /**
   * As harmless as the built-in ones are: immutable functions among immutable functions that give
   * the same types; MIN and MAX that are declared to be the first in an order. Functions of
   * extensions such as citext are among these.
   */
  private static final String UNLIKE_BUILT_IN =
      """
      with built_in as (
        select proname, array_agg(prorettype) as types,
               bool_and(prokind = 'f' and provolatile = 'i' and not proretset) as plain
          from pg_catalog.pg_proc
         where pronamespace = 'pg_catalog'::regnamespace
         group by proname)
      select n.nspname || '.' || p.proname
        from pg_catalog.pg_proc p
        join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        join built_in b on b.proname = p.proname
       where n.nspname not in ('pg_catalog', 'information_schema')
         and not (b.plain and p.prokind = 'f' and p.provolatile = 'i' and not p.proretset
                  and p.prorettype = any (b.types))
         and not (p.prokind = 'a' and p.proname in ('min', 'max')
                  and exists (select from pg_catalog.pg_aggregate a
                               where a.aggfnoid = p.oid and a.aggsortop <> 0))
      """;

  private final LongSupplier nanos;
  private volatile @Nullable Known known;

  private record Known(Set<String> names, long at) {}

  /** Asks a shard. */
  @FunctionalInterface
  interface Ask {
    Set<String> ask();
  }

  /**
   * @param nanos a clock that only goes forward
   */
  Overloads(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Refuses a statement that may call one of them.
   *
   * @param shard is asked if it is time
   */
  void check(Analysis analysis, Ask shard) {
    called(analysis, shard)
        .ifPresent(
            function -> {
              throw new SqlRefused(
                  SqlRefused.Reason.NOT_OVER_SHARDS,
                  ("the function %s has the name of a built-in one, and might"
                          + " not give the same on every shard; for the built-in one write"
                          + " pg_catalog.%s, or say the sharding key")
                      .formatted(function, function.substring(function.lastIndexOf('.') + 1)));
            });
  }

  /** One of them that the statement may call. */
  Optional<String> called(Analysis analysis, Ask shard) {
    if (analysis.rivals().isEmpty()) {
      return Optional.empty();
    }
    Set<String> there = names(shard);
    return there.isEmpty()
        ? Optional.empty()
        : analysis.rivals().stream().filter(there::contains).findFirst();
  }

  private Set<String> names(Ask shard) {
    Known last = known;
    if (last != null && nanos.getAsLong() - last.at() < KEPT.toNanos()) {
      return last.names();
    }
    long at = nanos.getAsLong();
    Set<String> names = shard.ask();
    known = new Known(names, at);
    return names;
  }

  /** What is known may not be so any more: the schema was changed. */
  void forget() {
    known = null;
  }

  static Set<String> read(Connection connection) throws SQLException {
    Set<String> names = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(UNLIKE_BUILT_IN)) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return Set.copyOf(names);
  }
}

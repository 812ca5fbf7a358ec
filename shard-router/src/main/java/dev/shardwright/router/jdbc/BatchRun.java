package dev.shardwright.router.jdbc;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.sql.destination.Destination;
import java.sql.BatchUpdateException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries a batch out: what goes to the same shard goes there together, as one transaction, and the
 * shards work at the same time. Where an entry concerns no single shard, all are carried out one
 * after the other. Used once, by one thread.
 */
final class BatchRun {
  private final Engine engine;
  private final Dispatch dispatch;
  private final Batch all;
  private final long[] counts;

  /** For each entry, whose generated keys are its own. */
  private final Answered[] keysOf;

  private @Nullable SQLException failure;

  BatchRun(Engine engine, Dispatch dispatch, Batch all) {
    this.engine = engine;
    this.dispatch = dispatch;
    this.all = all;
    this.counts = new long[all.entries().size()];
    this.keysOf = new Answered[counts.length];
    Arrays.fill(counts, Statement.EXECUTE_FAILED);
    Arrays.fill(keysOf, Answered.NOTHING);
  }

  /** How many rows each entry changed. */
  long[] run() throws SQLException {
    List<Part> parts = parts();
    if (parts.isEmpty()) {
      oneByOne();
    } else {
      atOnce(parts);
    }
    if (failure != null) {
      throw failure;
    }
    return counts;
  }

  /** The generated keys, in the order of the entries. */
  Answered answered() {
    List<ResultSet> order = new ArrayList<>();
    List<ResultSet> all = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      ResultSet keys = keysOf[i].keys();
      if (keys != null) {
        order.addAll(Collections.nCopies((int) Math.max(0, counts[i]), keys));
        if (!all.contains(keys)) {
          all.add(keys);
        }
      }
    }
    return switch (all.size()) {
      case 0 -> Answered.ofCount(-1);
      case 1 -> keysOf[0];
      default -> new Answered(null, -1, new RowsInOrder(order, all), null, null);
    };
  }

  private void atOnce(List<Part> parts) {
    List<PartsRun.Part<Batch.Outcome>> runs = new ArrayList<>();
    parts.forEach(part -> runs.add(() -> dispatch.runPart(part.destination(), part.batch(all))));
    List<PartEnd<Batch.Outcome>> ends = engine.atOnce(runs, all.options(), all.running());
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      ends.get(i).given().ifPresent(outcome -> carriedOut(part, outcome));
    }
    PartFates fates = new PartFates(parts.stream().map(Part::shard).toList(), ends);
    SQLException first = fates.failure();
    if (first != null) {
      failure = parts.size() == 1 ? first : partly(fates, first);
    }
  }

  private void carriedOut(Part part, Batch.Outcome outcome) {
    for (int i = 0; i < part.places().size(); i++) {
      int place = part.places().get(i);
      counts[place] = outcome.counts().get(i);
      keysOf[place] = outcome.keys();
    }
  }

  private void oneByOne() throws SQLException {
    for (int i = 0; i < counts.length; i++) {
      BatchEntry entry = all.entries().get(i);
      try {
        Answered answered =
            dispatch.run(
                new Call(
                    entry.analysis(),
                    entry.prepared(),
                    entry.arguments(),
                    all.keys(),
                    all.options(),
                    all.running()));
        counts[i] = answered.count();
        keysOf[i] = answered;
      } catch (SQLException e) {
        failure = new BatchUpdateException(e.getMessage(), e.getSQLState(), 0, counts, e);
        return;
      }
    }
  }

  private BatchUpdateException partly(PartFates fates, SQLException first) {
    BatchUpdateException partly =
        new BatchUpdateException(
            "the parts of the batch are transactions of their own, one for each shard: %s: %s"
                .formatted(fates, first.getMessage()),
            fates.sqlState(),
            first.getErrorCode(),
            counts,
            first);
    partly.setNextException(first.getNextException() == null ? first : first.getNextException());
    return partly;
  }

  /** One for each shard; empty if there is an entry that concerns no single one. */
  private List<Part> parts() throws SQLException {
    Map<ShardId, List<Integer>> places = new LinkedHashMap<>();
    Map<ShardId, List<Destination.OneShard>> destinations = new LinkedHashMap<>();
    for (int i = 0; i < counts.length; i++) {
      BatchEntry entry = all.entries().get(i);
      if (!(dispatch.destination(entry) instanceof Destination.OneShard one)) {
        return List.of();
      }
      places.computeIfAbsent(one.shard(), shard -> new ArrayList<>()).add(i);
      destinations.computeIfAbsent(one.shard(), shard -> new ArrayList<>()).add(one);
    }
    List<Part> parts = new ArrayList<>();
    places.forEach(
        (shard, at) -> parts.add(new Part(shard, together(destinations.get(shard)), at)));
    return parts;
  }

  /** All keys of a shard's part, if they are of one keyspace and region. */
  private static Destination.OneShard together(@Nullable List<Destination.OneShard> destinations) {
    if (destinations == null) {
      throw new IllegalStateException("each part has a destination");
    }
    Destination.OneShard first = destinations.get(0);
    boolean alike =
        destinations.stream()
            .allMatch(
                other ->
                    other.keyspace().equals(first.keyspace())
                        && other.region().equals(first.region())
                        && !other.keys().isEmpty());
    List<Object> keys =
        alike
            ? destinations.stream().flatMap(other -> other.keys().stream()).distinct().toList()
            : List.of();
    return new Destination.OneShard(first.keyspace(), first.region(), first.shard(), keys);
  }

  /**
   * The entries for one shard.
   *
   * @param places where in the batch they stand
   */
  private record Part(ShardId shard, Destination.OneShard destination, List<Integer> places) {
    Batch batch(Batch all) {
      return new Batch(
          places.stream().map(all.entries()::get).toList(),
          all.keys(),
          all.options(),
          all.running());
    }
  }
}

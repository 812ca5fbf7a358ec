package dev.shardwright.bench.moves;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shardwright.bench.moves.TalliedCluster.Found;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.OneShard;
import dev.shardwright.router.ShardRouter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A service that counts up the rows of a {@link TalliedCluster} and reads them meanwhile, through
 * one router: each statement succeeds. Each row has one writer only, so that what it must be is
 * known exactly.
 */
final class Tallying implements AutoCloseable {
  private static final int WRITERS = 2;
  private static final long PAUSE_MILLIS = 20;
  private static final long READER_PAUSE_MILLIS = 100;

  /** How often each loop turns where a test wants the service to have been at work. */
  private static final long TURNS = 5;

  private static final String COUNT_UP =
      "update tally set n = n + 1 where region = ? and k = ? returning n";
  private static final String MARK =
      "insert into mark select region, k, n from tally where region = ? and k = ?";

  private final TalliedCluster cluster;
  private final ShardRouter router;
  private final List<Place> places;
  private final Map<Place, Long> counts = new ConcurrentHashMap<>();
  private final Set<Place> guests = ConcurrentHashMap.newKeySet();
  private final Loops loops;

  /** Whose row it is. */
  record Place(String region, Object key) {}

  /** Inserts the rows, and goes on from there. */
  Tallying(TalliedCluster cluster, List<Place> places, long seed) {
    this.cluster = cluster;
    this.router = cluster.router();
    this.places = List.copyOf(places);
    for (Place place : places) {
      at(place).update("insert into tally values (?, ?, 0)", place.region(), place.key());
      counts.put(place, 0L);
    }
    this.loops = new Loops(seed);
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      loops.begin("writer-" + i, PAUSE_MILLIS, random -> write(ofWriter(writer, random)));
    }
    loops.begin("keyed-reads", PAUSE_MILLIS, random -> read(any(random)));
    loops.begin("scatter", READER_PAUSE_MILLIS, random -> readAll());
  }

  private Place ofWriter(int writer, Random random) {
    int each = (places.size() - writer + WRITERS - 1) / WRITERS;
    return places.get(random.nextInt(each) * WRITERS + writer);
  }

  private Place any(Random random) {
    return places.get(random.nextInt(places.size()));
  }

  private void write(Place place) {
    long n = at(place).inTransaction(connection -> countUp(connection, place));
    assertThat(n).as("count of %s", place).isEqualTo(count(place) + 1);
    counts.put(place, n);
    if (guests.contains(place)) {
      guestComesOrGoes(place, "delete from guest where region = ? and k = ?");
      guests.remove(place);
    } else {
      guestComesOrGoes(place, "insert into guest values (?, ?, 'new')");
      guests.add(place);
    }
  }

  private void guestComesOrGoes(Place place, String sql) {
    assertThat(at(place).update(sql, place.region(), place.key())).as("%s", place).isEqualTo(1);
  }

  private static long countUp(Connection connection, Place place) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(COUNT_UP);
        PreparedStatement mark = connection.prepareStatement(MARK)) {
      for (PreparedStatement statement : List.of(update, mark)) {
        statement.setString(1, place.region());
        statement.setObject(2, place.key());
      }
      try (ResultSet row = update.executeQuery()) {
        assertThat(row.next()).as("row of %s", place).isTrue();
        assertThat(mark.executeUpdate()).isEqualTo(1);
        return row.getLong(1);
      }
    }
  }

  private void read(Place place) {
    long least = count(place);
    long n =
        at(place)
            .queryOne(
                "select n from tally where region = ? and k = ?",
                row -> row.getLong(1),
                place.region(),
                place.key())
            .orElseThrow(() -> new AssertionError("no row of " + place));
    assertThat(n).as("count of %s", place).isBetween(least, count(place) + 1);
  }

  private void readAll() {
    long least = sum();
    List<List<Long>> rows =
        router.scatter(
            "select count(*), sum(n) from tally", row -> List.of(row.getLong(1), row.getLong(2)));
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).get(0)).as("rows").isEqualTo(places.size());
    assertThat(rows.get(0).get(1)).as("sum").isBetween(least, sum() + WRITERS);
  }

  private long count(Place place) {
    return counts.getOrDefault(place, 0L);
  }

  private long sum() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private OneShard at(Place place) {
    var keyspace = router.keyspace(TalliedCluster.KEYSPACE);
    var ring = cluster.ring(place.region());
    return keyspace.region(ring.name()).on(place.key());
  }

  /** Waits until each loop has turned some more, or one has failed. */
  void goOn() {
    loops.turnMore(TURNS);
  }

  /** Ends the loops; throws what has failed. */
  void end() throws InterruptedException {
    loops.end();
  }

  /**
   * Each row is on the shard that the router says, once, and is what it was made; call after the
   * end.
   *
   * @param others rows of {@code tally} that the service does not see
   * @return how many rows of {@code tally} each shard has
   */
  Map<String, Long> check(Set<Found> others) throws SQLException {
    Set<Found> tallies = new HashSet<>(others);
    Set<Found> marks = new HashSet<>();
    counts.forEach(
        (place, n) -> {
          tallies.add(new Found(place.region(), place.key(), n));
          for (long i = 1; i <= n; i++) {
            marks.add(new Found(place.region(), place.key(), i));
          }
        });
    Set<Found> present = new HashSet<>();
    guests.forEach(place -> present.add(new Found(place.region(), place.key(), 0)));
    check("mark", marks);
    check("guest", present);
    return check("tally", tallies);
  }

  private Map<String, Long> check(String table, Set<Found> expected) throws SQLException {
    Map<String, Long> counted = new TreeMap<>();
    List<Found> all = new ArrayList<>();
    for (String shard : cluster.shards()) {
      List<Found> rows = cluster.rows(shard, table);
      assertThat(rows)
          .as("%s on %s", table, shard)
          .allMatch(row -> ownerOf(row).equals(ShardId.of(shard)));
      counted.put(shard, (long) rows.size());
      all.addAll(rows);
    }
    assertThat(new HashSet<>(all)).as(table).isEqualTo(expected);
    assertThat(all).as("each of %s once", table).hasSize(expected.size());
    return counted;
  }

  private ShardId ownerOf(Found row) {
    return router.route(TalliedCluster.KEYSPACE, cluster.ring(row.region()), row.key()).shard();
  }

  /** Where a key is, without regions. */
  ShardId ownerOf(Object key) {
    return router.route(TalliedCluster.KEYSPACE, key).shard();
  }

  @Override
  public void close() {
    loops.close();
    router.close();
  }
}

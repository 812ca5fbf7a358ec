package dev.shardwright.rebalance.internal.copy;

import dev.shardwright.internal.schema.ColumnSequences;
import dev.shardwright.internal.schema.SqlText;
import dev.shardwright.rebalance.internal.capture.TableLocking;
import dev.shardwright.rebalance.internal.database.MoverIdentity;
import dev.shardwright.rebalance.internal.table.MovingTable;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Moves the sequences that the moved tables draw from past those of the other side, so that new
 * rows do not get the numbers of rows that came.
 *
 * @param identity whose transactions these are
 * @param margin how many numbers to leave for what the other side draws until the cutover
 */
public record SequenceAdvance(MoverIdentity identity, long margin) {
  private static final String SEQUENCES =
      """
      select format('%%s of column %%s', s.place, s.column_name) as which,
          s.id::regclass::text as name, seqcache, seqincrement, seqmin, seqmax
        from %s join pg_sequence on seqrelid = s.id
        order by s.column_name, s.place
      """
          .formatted(ColumnSequences.SQL);

  /** Never more than this part of what a sequence still has is left out. */
  private static final BigInteger LARGEST_PART = BigInteger.TEN;

  /** Less than the other sessions of an attempt at the cutover may be idle. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private record Sequence(String name, long cache, long increment, long least, long most) {
    boolean ascending() {
      return increment > 0;
    }

    /** Whether it has no number that the other one has drawn, up to that one. */
    boolean isApartFrom(Sequence other, long last) {
      long low = other.ascending() ? other.least : last;
      long high = other.ascending() ? last : other.most;
      return most < low || high < least;
    }

    boolean reaches(long value) {
      return least <= value && value <= most;
    }

    /**
     * A place so many numbers past a value, but never near the end. It is one that the sequence
     * would come to by itself: shards may have numbers of their own by increments.
     */
    long beyond(long value, Position position, long numbers) {
      BigInteger step = BigInteger.valueOf(increment).abs();
      BigInteger first = firstFrom(value, position, step);
      BigInteger left = way(first, end());
      BigInteger count = BigInteger.valueOf(numbers).min(left.divide(step).divide(LARGEST_PART));
      return ahead(first, count.max(BigInteger.ZERO).multiply(step)).longValueExact();
    }

    /** The first number of the sequence from the value on, or its last one before its end. */
    private BigInteger firstFrom(long value, Position position, BigInteger step) {
      BigInteger here = BigInteger.valueOf(position.value);
      BigInteger far = way(here, value).add(step).subtract(BigInteger.ONE);
      return ahead(here, floor(far.min(way(here, end())), step).multiply(step));
    }

    private long end() {
      return ascending() ? most : least;
    }

    private BigInteger way(BigInteger from, long to) {
      return BigInteger.valueOf(to).subtract(from).multiply(direction());
    }

    private static BigInteger floor(BigInteger way, BigInteger step) {
      return way.subtract(way.mod(step)).divide(step);
    }

    private BigInteger ahead(BigInteger place, BigInteger way) {
      return place.add(way.multiply(direction()));
    }

    private BigInteger direction() {
      return BigInteger.valueOf(ascending() ? 1 : -1);
    }

    boolean isBehind(Position position, long place) {
      boolean past = ascending() ? place > position.value : place < position.value;
      return past || (place == position.value && !position.drawn);
    }
  }

  private record Position(long value, boolean drawn) {}

  /**
   * Moves the sequences of one table that have less than half the margin left. Those of a column
   * that has none on the other side are left alone: the tables are not defined alike then.
   *
   * @param to in autocommit mode
   * @throws dev.shardwright.rebalance.internal.capture.TableBusy if a transaction of somebody else
   *     that drew from one of them does not end
   * @throws SequenceEnds if one cannot go so far
   */
  public void advance(Connection from, Connection to, MovingTable table) throws SQLException {
    Map<String, Sequence> theirs = of(from, table);
    for (Map.Entry<String, Sequence> ours : of(to, table).entrySet()) {
      Sequence other = theirs.get(ours.getKey());
      if (other != null) {
        Position there = position(from, other);
        if (there.drawn && !ours.getValue().isApartFrom(other, there.value)) {
          advance(there.value, to, ours.getValue());
        }
      }
    }
  }

  /**
   * Under a lock that keeps others from drawing: a plain setval could take numbers back that were
   * drawn in between. What a session of the other side has cached lies before its {@code
   * last_value}.
   *
   * @param theirs how far the other side has come
   */
  private void advance(long theirs, Connection to, Sequence sequence) throws SQLException {
    if (!sequence.reaches(theirs)) {
      throw new SequenceEnds(sequence.name, sequence.end(), theirs);
    }
    Position ours = position(to, sequence);
    if (!sequence.isBehind(ours, sequence.beyond(theirs, ours, margin / 2))) {
      return;
    }
    long place = sequence.beyond(theirs, ours, margin);
    new TableLocking(TableLocking.LONGEST_WAIT, PATIENCE, ThreadLocalRandom.current(), others -> {})
        .runOnSequence(
            to,
            identity,
            sequence.name,
            sequence.cache,
            () -> {
              if (sequence.isBehind(position(to, sequence), place)) {
                set(to, sequence, place);
              }
            });
  }

  /** By their columns: these may be in another order on the other side. */
  private static Map<String, Sequence> of(Connection connection, MovingTable table)
      throws SQLException {
    Map<String, Sequence> sequences = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(SEQUENCES)) {
      statement.setString(1, table.sql());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sequences.put(
              rows.getString("which"),
              new Sequence(
                  rows.getString("name"),
                  rows.getLong("seqcache"),
                  rows.getLong("seqincrement"),
                  rows.getLong("seqmin"),
                  rows.getLong("seqmax")));
        }
      }
    }
    return sequences;
  }

  private static Position position(Connection connection, Sequence sequence) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select last_value, is_called from " + sequence.name)) {
      row.next();
      return new Position(row.getLong(1), row.getBoolean(2));
    }
  }

  private static void set(Connection connection, Sequence sequence, long place)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select setval(%s, %s)".formatted(SqlText.literal(sequence.name), place));
    }
  }
}

package dev.shardwright.router.internal.merge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Merging sorted sources gives what sorting all of their rows gives, cut and without doubles. */
class RowMergeTest {
  private static final int ROUNDS = 3_000;
  private static final long SEED = 20_261_121;
  private static final List<KeyOrder> KEYS =
      List.of(
          new KeyOrder(ValueOrder.INTEGER, true, false),
          new KeyOrder(ValueOrder.INTEGER, false, true));
  private static final Comparator<@Nullable Object[]> ORDER = KeyOrder.ofRows(KEYS);

  private final Random random = new Random(SEED);

  @Test
  void isTheSameAsSortingAllRows() {
    for (int round = 0; round < ROUNDS; round++) {
      List<List<@Nullable Object[]>> sources = sources();
      boolean distinct = random.nextBoolean();
      RowWindow window =
          new RowWindow(
              random.nextInt(4) == 0 ? RowWindow.ALL : random.nextInt(8),
              random.nextInt(3) == 0 ? random.nextInt(6) : 0,
              !distinct && random.nextBoolean());
      List<@Nullable Object[]> all = new ArrayList<>();
      sources.forEach(all::addAll);
      all.sort(ORDER);
      assertThat(rows(sources, distinct, window))
          .as("seed %s, round %s, distinct %s, %s", SEED, round, distinct, window)
          .usingElementComparator((left, right) -> ORDER.compare(left, right))
          .isEqualTo(expected(all, distinct, window));
    }
  }

  @Test
  void takesSourcesWithoutAnOrderOneAfterTheOther() {
    List<List<@Nullable Object[]>> sources =
        List.of(List.of(row(5), row(1)), Collections.singletonList(row(3)));
    List<Cursor> cursors = sources.stream().map(Cursor::new).toList();
    RowMerge<Cursor, RuntimeException> merge =
        new RowMerge<>(cursors, KeyOrder.ofRows(List.of()), false, RowWindow.WHOLE);
    assertThat(merge.next()).isSameAs(cursors.get(0));
    assertThat(merge.next()).isSameAs(cursors.get(0));
    assertThat(merge.next()).isSameAs(cursors.get(1));
    assertThat(merge.next()).isNull();
    assertThat(merge.next()).isNull();
  }

  @Test
  void readsNoFurtherThanTheWindowReaches() {
    Cursor cursor = new Cursor(List.of(row(3), row(2), row(1)));
    RowMerge<Cursor, RuntimeException> merge =
        new RowMerge<>(List.of(cursor), ORDER, false, new RowWindow(1, 1, false));
    assertThat(merge.next()).isNotNull();
    assertThat(merge.next()).isNull();
    assertThat(cursor.read).isEqualTo(2);
  }

  private static @Nullable Object[] row(long key) {
    return new @Nullable Object[] {key, 0L};
  }

  private List<List<@Nullable Object[]>> sources() {
    List<List<@Nullable Object[]>> sources = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      List<@Nullable Object[]> rows = new ArrayList<>();
      int size = random.nextInt(8);
      for (int j = 0; j < size; j++) {
        rows.add(new @Nullable Object[] {value(), value()});
      }
      rows.sort(ORDER);
      sources.add(rows);
    }
    return sources;
  }

  private @Nullable Long value() {
    int value = random.nextInt(4);
    return value == 3 ? null : Long.valueOf(value);
  }

  private static List<@Nullable Object[]> expected(
      List<@Nullable Object[]> sorted, boolean distinct, RowWindow window) {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (@Nullable Object[] row : sorted) {
      if (!distinct || rows.isEmpty() || ORDER.compare(rows.get(rows.size() - 1), row) != 0) {
        rows.add(row);
      }
    }
    int from = (int) Math.min(rows.size(), window.offset());
    int to = (int) Math.min(rows.size(), Math.min(window.limit(), 1_000) + from);
    while (window.withTies()
        && to > from
        && to < rows.size()
        && ORDER.compare(rows.get(to - 1), rows.get(to)) == 0) {
      to++;
    }
    return rows.subList(from, to);
  }

  private static List<@Nullable Object[]> rows(
      List<List<@Nullable Object[]>> sources, boolean distinct, RowWindow window) {
    List<Cursor> cursors = sources.stream().map(Cursor::new).toList();
    RowMerge<Cursor, RuntimeException> merge = new RowMerge<>(cursors, ORDER, distinct, window);
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (Cursor at = merge.next(); at != null; at = merge.next()) {
      rows.add(at.keys());
    }
    assertThat(merge.next()).isNull();
    return rows;
  }

  private static final class Cursor implements RowCursor<RuntimeException> {
    private final Iterator<@Nullable Object[]> rows;
    private @Nullable Object[] current = new @Nullable Object[0];
    private int read;

    Cursor(List<@Nullable Object[]> rows) {
      this.rows = rows.iterator();
    }

    @Override
    public boolean next() {
      if (!rows.hasNext()) {
        return false;
      }
      current = rows.next();
      read++;
      return true;
    }

    @Override
    public @Nullable Object[] keys() {
      return current;
    }
  }
}

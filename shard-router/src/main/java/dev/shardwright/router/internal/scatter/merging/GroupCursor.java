package dev.shardwright.router.internal.scatter.merging;

import dev.shardwright.router.internal.merge.Cell;
import dev.shardwright.router.internal.merge.NumericAverage;
import dev.shardwright.router.internal.merge.RowMerge;
import dev.shardwright.router.internal.scatter.rows.DriverCursor;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.RowShape;
import dev.shardwright.router.internal.sql.answer.MergeGroups.Average;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseStatement;
import org.postgresql.core.Field;
import org.postgresql.core.Tuple;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * The groups of a query in the order of their keys, each a row that the driver reads. Holds one
 * group. Used by one thread.
 */
final class GroupCursor implements DriverCursor {
  private final RowMerge<PartRows, SQLException> merge;
  private final Comparator<@Nullable Object[]> sameGroup;
  private final List<GroupColumn> columns;
  private final List<Average> averages;
  private final BaseStatement statement;
  private final Field[] fields;

  private @Nullable PartRows ahead;
  private boolean started;
  private @Nullable Object[] keys = new @Nullable Object[0];
  private @Nullable ResultSet row;

  /**
   * @param merge the shards' groups in the order of their keys
   * @param sameGroup tells whether keys are equal
   * @param columns all columns, hidden ones included
   * @param averages what follows from columns once these are merged
   * @param statement any of the driver's, for it to make results
   */
  GroupCursor(
      RowMerge<PartRows, SQLException> merge,
      Comparator<@Nullable Object[]> sameGroup,
      List<GroupColumn> columns,
      List<Average> averages,
      RowShape shape,
      BaseStatement statement) {
    this.merge = merge;
    this.sameGroup = sameGroup;
    this.columns = columns;
    this.averages = averages;
    this.statement = statement;
    this.fields =
        shape.columns().stream()
            .map(column -> new Field(column.label(), column.type(), (short) 0, column.modifier()))
            .toArray(Field[]::new);
  }

  @Override
  public boolean next() throws SQLException {
    if (!started) {
      started = true;
      ahead = merge.next();
    }
    PartRows first = ahead;
    if (first == null) {
      return false;
    }
    keys = first.keys();
    @Nullable Cell[] group = read(first);
    ahead = merge.next();
    while (ahead != null && sameGroup.compare(keys, ahead.keys()) == 0) {
      fold(group, read(ahead));
      ahead = merge.next();
    }
    for (Average average : averages) {
      group[average.column() - 1] =
          NumericAverage.of(group[average.sums() - 1], group[average.counts() - 1]);
    }
    row = result(group);
    return true;
  }

  @Override
  public @Nullable Object[] keys() {
    return keys;
  }

  @Override
  public ResultSet rows() {
    if (row == null) {
      throw new IllegalStateException("not at a row");
    }
    return row;
  }

  /** How many columns a row has. */
  int width() {
    return columns.size();
  }

  private @Nullable Cell[] read(PartRows part) throws SQLException {
    @Nullable Cell[] cells = new @Nullable Cell[columns.size()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = columns.get(i).read(part.rows());
    }
    return cells;
  }

  private void fold(@Nullable Cell[] group, @Nullable Cell[] more) throws SQLException {
    for (int i = 0; i < group.length; i++) {
      try {
        group[i] = columns.get(i).fold().fold(group[i], more[i]);
      } catch (ArithmeticException e) {
        throw new PSQLException(
            "ERROR: bigint out of range", PSQLState.NUMERIC_VALUE_OUT_OF_RANGE, e);
      }
    }
  }

  private ResultSet result(@Nullable Cell[] group) throws SQLException {
    byte[][] values = new byte[group.length][];
    for (int i = 0; i < group.length; i++) {
      Cell cell = group[i];
      if (cell != null) {
        values[i] = cell.text().getBytes(StandardCharsets.UTF_8);
      }
    }
    ResultSet made = statement.createDriverResultSet(fields, List.of(new Tuple(values)));
    made.next();
    return made;
  }
}

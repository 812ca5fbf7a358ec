package dev.shardwright.router.internal.scatter.merging;

import dev.shardwright.router.internal.merge.Cell;
import dev.shardwright.router.internal.merge.CellFold;
import dev.shardwright.router.internal.scatter.rows.KeyColumn;
import dev.shardwright.router.internal.sql.answer.MergeGroups.Fold;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/**
 * One column of the shards' groups.
 *
 * @param column which, from 1
 * @param fold how its values in one group become one
 * @param compared reads what comparing needs; empty where nothing is compared
 */
record GroupColumn(int column, CellFold fold, Optional<KeyColumn> compared) {

  /** Empty if Java cannot fold values of the type as PostgreSQL does. */
  static Optional<GroupColumn> of(int column, int type, Fold fold) {
    return switch (fold) {
      case SAME -> Optional.of(plain(column, CellFold.first()));
      case COUNT -> Optional.of(plain(column, CellFold.integerSum()));
      case SUM -> sum(column, type);
      case MIN -> compared(column, type).map(key -> min(column, key));
      case MAX -> compared(column, type).map(key -> max(column, key));
      case BOOL_AND -> Optional.of(plain(column, CellFold.booleanAnd()));
      case BOOL_OR -> Optional.of(plain(column, CellFold.booleanOr()));
      case BIT_AND -> bits(column, type, CellFold.integers((left, right) -> left & right));
      case BIT_OR -> bits(column, type, CellFold.integers((left, right) -> left | right));
      case BIT_XOR -> bits(column, type, CellFold.integers((left, right) -> left ^ right));
      case EXACT_SUM -> Optional.of(plain(column, CellFold.numericSum()));
      case AVERAGE ->
          type == Oid.NUMERIC ? Optional.of(plain(column, CellFold.either())) : Optional.empty();
    };
  }

  /** The value in the current row, which the shard has sent as text; null for NULL. */
  @Nullable Cell read(ResultSet row) throws SQLException {
    String text = row.getString(column);
    if (text == null) {
      return null;
    }
    return new Cell(text, compared.isPresent() ? compared.get().read(row) : null);
  }

  private static GroupColumn plain(int column, CellFold fold) {
    return new GroupColumn(column, fold, Optional.empty());
  }

  private static GroupColumn min(int column, KeyColumn key) {
    return new GroupColumn(column, CellFold.min(key.order()), Optional.of(key));
  }

  private static GroupColumn max(int column, KeyColumn key) {
    return new GroupColumn(column, CellFold.max(key.order()), Optional.of(key));
  }

  /** Sums of floating point numbers would have to be written as PostgreSQL writes them. */
  private static Optional<GroupColumn> sum(int column, int type) {
    return switch (type) {
      case Oid.INT8 -> Optional.of(plain(column, CellFold.integerSum()));
      case Oid.NUMERIC -> Optional.of(plain(column, CellFold.numericSum()));
      default -> Optional.empty();
    };
  }

  /** Whose collation is not known is not compared. */
  private static Optional<KeyColumn> compared(int column, int type) {
    return KeyColumn.of(column, type).filter(key -> !key.isText());
  }

  private static Optional<GroupColumn> bits(int column, int type, CellFold fold) {
    return switch (type) {
      case Oid.INT2, Oid.INT4, Oid.INT8 -> Optional.of(plain(column, fold));
      default -> Optional.empty();
    };
  }
}

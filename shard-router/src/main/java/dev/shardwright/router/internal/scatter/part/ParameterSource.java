package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.router.internal.run.Parameters;
import dev.shardwright.router.internal.sql.destination.ParameterValues;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The parameters of a statement. Safe for use by several threads at once while it runs. */
public interface ParameterSource extends ParameterValues {
  /** How many there are. */
  int count();

  /**
   * Binds one of them.
   *
   * @param at the place in the statement that goes to the shard, from 1
   * @param place the place in the caller's statement, from 1
   */
  void bind(PreparedStatement statement, int at, int place) throws SQLException;

  /**
   * The same with the values of some places in the place of others.
   *
   * @param given for each place, the place whose value is given there
   */
  default ParameterSource shared(IntUnaryOperator given) {
    ParameterSource all = this;
    return new ParameterSource() {
      @Override
      public int count() {
        return all.count();
      }

      @Override
      public @Nullable Object value(int place) {
        return all.value(given.applyAsInt(place));
      }

      @Override
      public void bind(PreparedStatement statement, int at, int place) throws SQLException {
        all.bind(statement, at, given.applyAsInt(place));
      }
    };
  }

  /** Values as {@link Parameters} takes them. */
  static ParameterSource of(@Nullable Object... values) {
    @Nullable Object[] copy = values.clone();
    return new ParameterSource() {
      @Override
      public int count() {
        return copy.length;
      }

      @Override
      public @Nullable Object value(int place) {
        return copy[place - 1];
      }

      @Override
      public boolean areAlike(int place, int other) {
        return Parameters.areAlike(copy[place - 1], copy[other - 1]);
      }

      @Override
      public void bind(PreparedStatement statement, int at, int place) throws SQLException {
        Parameters.bind(statement, at, copy[place - 1]);
      }
    };
  }
}

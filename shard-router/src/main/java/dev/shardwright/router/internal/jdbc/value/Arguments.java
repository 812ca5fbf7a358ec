package dev.shardwright.router.internal.jdbc.value;

import dev.shardwright.router.internal.scatter.part.ParameterSource;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The parameters that a prepared statement has been given so far. Used by one thread. */
public final class Arguments implements ParameterSource {
  public static final Arguments NONE = new Arguments(0);

  private final @Nullable Argument[] arguments;

  /**
   * @param count how many the statement has
   */
  public Arguments(int count) {
    this(new @Nullable Argument[count]);
  }

  private Arguments(@Nullable Argument[] arguments) {
    this.arguments = arguments;
  }

  public void set(int place, Argument argument) throws SQLException {
    if (place < 1 || place > arguments.length) {
      throw new SQLException(
          "there is no parameter %s: the statement has %s".formatted(place, arguments.length),
          "22023");
    }
    arguments[place - 1] = argument;
  }

  public void clear() {
    Arrays.fill(arguments, null);
  }

  /** The same, to be changed. */
  public Arguments copy() {
    return new Arguments(arguments.clone());
  }

  /**
   * Looks whether all were set.
   *
   * @throws SQLException if one was not set
   */
  public void checkComplete() throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] == null) {
        throw new SQLException("no value was set for parameter " + (i + 1), "22023");
      }
    }
  }

  @Override
  public int count() {
    return arguments.length;
  }

  @Override
  public @Nullable Object value(int place) {
    Argument argument = arguments[place - 1];
    if (argument == null) {
      return null;
    }
    try {
      return argument.forRouting();
    } catch (SQLException e) {
      throw new SqlRefused(
          SqlRefused.Reason.KEY, "parameter " + place + " cannot be read: " + e.getMessage());
    }
  }

  @Override
  public boolean areAlike(int place, int other) {
    Argument argument = arguments[place - 1];
    Argument standIn = arguments[other - 1];
    return argument != null && standIn != null && argument.isAlike(standIn);
  }

  @Override
  public void bind(PreparedStatement statement, int at, int place) throws SQLException {
    Argument argument = arguments[place - 1];
    if (argument == null) {
      throw new SQLException("no value was set for parameter " + place, "22023");
    }
    argument.bind(statement, at);
  }
}

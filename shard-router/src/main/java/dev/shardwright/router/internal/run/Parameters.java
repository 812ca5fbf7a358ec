package dev.shardwright.router.internal.run;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Binds the parameters of a statement. */
public final class Parameters {
  private Parameters() {}

  /**
   * Binds the values from the first place on. Takes what the driver takes, and {@link Instant},
   * which it does not.
   */
  public static void bind(PreparedStatement statement, @Nullable Object[] values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      bind(statement, i + 1, values[i]);
    }
  }

  /** Binds one value. */
  public static void bind(PreparedStatement statement, int place, @Nullable Object value)
      throws SQLException {
    if (value instanceof Long number) {
      statement.setLong(place, number);
    } else if (value instanceof Instant instant) {
      statement.setObject(place, instant.atOffset(ZoneOffset.UTC));
    } else {
      statement.setObject(place, value);
    }
  }
}

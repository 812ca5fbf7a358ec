package dev.shardwright.router.internal.run;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Binds the parameters of a statement. */
public final class Parameters {
  /** What the driver binds as one type whatever the value. */
  private static final Set<Class<?>> ALWAYS_ONE_TYPE =
      Set.of(
          Long.class,
          Integer.class,
          Short.class,
          String.class,
          UUID.class,
          Instant.class,
          OffsetDateTime.class);

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

  /** Whether it is certain that two values are bound as the same type. */
  public static boolean areAlike(@Nullable Object value, @Nullable Object other) {
    return value != null
        && other != null
        && value.getClass() == other.getClass()
        && ALWAYS_ONE_TYPE.contains(value.getClass());
  }
}

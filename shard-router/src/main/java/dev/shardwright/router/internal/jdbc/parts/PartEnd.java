package dev.shardwright.router.internal.jdbc.parts;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a shard's part of a write ended.
 *
 * @param result what it gave; null if it gave nothing
 * @param failure null if it did not fail
 */
public record PartEnd<T>(@Nullable T result, @Nullable SQLException failure) {

  /** What is known of a part. */
  public enum Fate {
    /** Carried out and committed. */
    DONE,
    /** Without effect. */
    FAILED,
    /** It may or may not have happened. */
    UNKNOWN,
    /** Never sent. */
    NOT_TRIED
  }

  static <T> PartEnd<T> done(T result) {
    return new PartEnd<>(result, null);
  }

  public static <T> PartEnd<T> failed(SQLException failure) {
    return new PartEnd<>(null, failure);
  }

  static <T> PartEnd<T> notTried() {
    return new PartEnd<>(null, null);
  }

  public Optional<T> given() {
    return Optional.ofNullable(result);
  }

  public Fate fate() {
    if (failure != null) {
      return switch (String.valueOf(failure.getSQLState())) {
        case SqlFailures.UNKNOWN_OUTCOME -> Fate.UNKNOWN;
        case SqlFailures.CARRIED_OUT -> Fate.DONE;
        default -> Fate.FAILED;
      };
    }
    return result == null ? Fate.NOT_TRIED : Fate.DONE;
  }
}

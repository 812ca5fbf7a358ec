package dev.shardwright.router.internal.jdbc.failure;

import java.sql.SQLException;
import java.util.Collection;

/** Does something to each of several, whichever fails. */
public final class EachOf {
  private EachOf() {}

  /** What is done. */
  @FunctionalInterface
  public interface Action<T> {
    void on(T one) throws SQLException;
  }

  /** Throws the first failure at last, with the others suppressed. */
  public static <T> void run(Collection<T> all, Action<T> action) throws SQLException {
    SQLException failure = null;
    for (T one : all) {
      try {
        action.on(one);
      } catch (SQLException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

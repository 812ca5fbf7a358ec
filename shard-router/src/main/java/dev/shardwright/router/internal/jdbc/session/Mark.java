package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A savepoint, which exists in the database only once its transaction is bound to a shard. Used by
 * one thread.
 */
final class Mark implements Savepoint {
  private final int id;
  private final @Nullable String name;
  private final SessionView view;
  private final Optional<Boolean> readOnly;
  private @Nullable Savepoint real;

  /**
   * @param name null for one without a name
   * @param view what the session had set when it was made
   * @param readOnly what its transaction had been told when it was made; empty for the default
   */
  Mark(int id, @Nullable String name, SessionView view, Optional<Boolean> readOnly) {
    this.id = id;
    this.name = name;
    this.view = view;
    this.readOnly = readOnly;
  }

  SessionView view() {
    return view;
  }

  Optional<Boolean> readOnly() {
    return readOnly;
  }

  @Override
  public int getSavepointId() throws SQLException {
    if (name != null) {
      throw new SQLException("a savepoint with a name has no number", SqlFailures.NO_SAVEPOINT);
    }
    return id;
  }

  @Override
  public String getSavepointName() throws SQLException {
    if (name == null) {
      throw new SQLException("the savepoint has no name", SqlFailures.NO_SAVEPOINT);
    }
    return name;
  }

  boolean isNamed(String wanted) {
    return wanted.equals(name);
  }

  void make(java.sql.Connection driver) throws SQLException {
    real = driver.setSavepoint(); // of two with one name PostgreSQL would see the newer only
  }

  /** In the database; null while it is not there. */
  @Nullable Savepoint real() {
    return real;
  }
}

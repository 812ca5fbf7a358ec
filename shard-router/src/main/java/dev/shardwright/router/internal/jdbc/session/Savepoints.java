package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.setting.SessionView;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * The savepoints of a transaction. As long as it is on no shard they are noted, along with what
 * else concerns the transaction itself, to be made in the same order on the shard to come. Used by
 * one thread.
 */
final class Savepoints {
  /** What to do first once the transaction is on a shard, in order. */
  private final List<Step> noted = new ArrayList<>();

  /** All that exist, the oldest first. */
  private final List<Mark> marks = new ArrayList<>();

  private int made;

  /** A statement, or a savepoint. */
  private record Step(String sql, @Nullable Mark mark) {}

  /** Notes a statement. */
  void note(String sql) {
    noted.add(new Step(sql, null));
  }

  /** Whether nothing is noted. */
  boolean isNothingNoted() {
    return noted.isEmpty();
  }

  /** Does what is noted. */
  void doNoted(PgConnection driver) throws SQLException {
    for (Step step : noted) {
      if (step.mark() != null) {
        step.mark().make(driver);
      } else {
        try (Statement statement = driver.createStatement()) {
          statement.execute(step.sql());
        }
      }
    }
  }

  /** What was noted has been done for good. */
  void forgetNoted() {
    noted.clear();
  }

  /**
   * Makes another.
   *
   * @param name null for one without a name
   * @param view what the session has set now
   * @param readOnly what the transaction was told now
   * @param driver where the transaction is; null if it is on no shard
   */
  Mark set(
      @Nullable String name,
      SessionView view,
      Optional<Boolean> readOnly,
      @Nullable PgConnection driver)
      throws SQLException {
    made++;
    Mark mark = new Mark(made, name, view, readOnly);
    if (driver != null) {
      mark.make(driver);
    } else {
      noted.add(new Step("", mark));
    }
    marks.add(mark);
    return mark;
  }

  /** The newest of that name. */
  Mark named(String name) throws SQLException {
    for (int i = marks.size() - 1; i >= 0; i--) {
      if (marks.get(i).isNamed(name)) {
        return marks.get(i);
      }
    }
    throw new SQLException("savepoint \"" + name + "\" does not exist", SqlFailures.NO_SAVEPOINT);
  }

  /**
   * Takes back what happened since.
   *
   * @param driver where the transaction is; null if it is on no shard
   * @return the savepoint, with what had been set then
   */
  Mark rollbackTo(Savepoint savepoint, @Nullable PgConnection driver) throws SQLException {
    Mark mark = existing(savepoint);
    if (driver != null && mark.real() != null) {
      driver.rollback(mark.real());
    } else {
      int at = place(mark);
      noted.subList(at + 1, noted.size()).clear();
    }
    marks.subList(marks.indexOf(mark) + 1, marks.size()).clear();
    return mark;
  }

  /**
   * Forgets it and those after it.
   *
   * @param driver where the transaction is; null if it is on no shard
   */
  void release(Savepoint savepoint, @Nullable PgConnection driver) throws SQLException {
    Mark mark = existing(savepoint);
    if (driver != null && mark.real() != null) {
      driver.releaseSavepoint(mark.real());
    } else {
      int at = place(mark);
      List<Step> later = noted.subList(at, noted.size());
      later.removeIf(step -> step.mark() != null);
    }
    marks.subList(marks.indexOf(mark), marks.size()).clear();
  }

  private int place(Mark mark) throws SQLException {
    for (int at = noted.size() - 1; at >= 0; at--) {
      if (noted.get(at).mark() == mark) {
        return at;
      }
    }
    throw SqlFailures.aborted(); // it went with the connection that it was on
  }

  private Mark existing(Savepoint savepoint) throws SQLException {
    if (savepoint instanceof Mark mark && marks.contains(mark)) {
      return mark;
    }
    throw new SQLException(
        "the savepoint is not one of this transaction, or does not exist any more",
        SqlFailures.NO_SAVEPOINT);
  }
}

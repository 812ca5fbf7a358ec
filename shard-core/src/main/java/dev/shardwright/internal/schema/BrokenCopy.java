package dev.shardwright.internal.schema;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOperation;

/** A COPY that one of its two sides has broken. */
public final class BrokenCopy {
  private BrokenCopy() {}

  /**
   * Ends one side, so that its connection is usable again, if it is one still: while it copies, a
   * rollback would wait for the copy.
   *
   * @param operation null if it did not begin
   * @param failure what broke the copy; keeps what fails here
   */
  public static void cancel(@Nullable CopyOperation operation, Exception failure) {
    try {
      if (operation != null && operation.isActive()) {
        operation.cancelCopy();
      }
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Ends the connections of both sides, whatever they are at: after what nobody expects, such as
   * memory that runs out, the copy would have to be read to its end to be cancelled, and a rollback
   * waits for it.
   *
   * @param failure what broke the copy; keeps what fails here
   */
  public static void abort(Throwable failure, Connection... sides) {
    for (Connection side : sides) {
      try {
        side.abort(Runnable::run);
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    }
  }
}

package dev.shardwright.router.internal.jdbc.statement;

import dev.shardwright.router.internal.jdbc.failure.EachOf;
import dev.shardwright.router.internal.route.Unwanted;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a statement is just carrying out, on one or several shards, for whoever wants to cancel it:
 * what runs there, and the statement as a whole as long as it waits. Thread-safe.
 */
public final class Running {
  /** Replaced with each change; mostly it has one element, of which a set would make much. */
  private List<Cancel> current = List.of();

  /** Ends the reading of what it gave; does nothing where that is all here. */
  private Runnable reading = () -> {};

  private boolean aborted;
  private boolean underWay;
  private volatile boolean cancelled;

  /** Ends what runs on one shard, or a query over several. */
  @FunctionalInterface
  public interface Cancel {
    void cancel() throws SQLException;
  }

  /** The statement begins; nobody has cancelled it yet. */
  public synchronized void begin() {
    underWay = true;
    cancelled = false;
    reading = () -> {};
  }

  /**
   * It has given rows that are not all here, which counts until it begins again.
   *
   * @param end ends the reading of them; may be run although it is over
   */
  public void reads(Runnable end) {
    boolean late;
    synchronized (this) {
      reading = end;
      late = aborted;
    }
    if (late) {
      end.run();
    }
  }

  /** Ends the reading of its rows, also of those to come: nobody will. */
  public void abortReading() {
    Runnable end;
    synchronized (this) {
      aborted = true;
      end = reading;
    }
    end.run();
  }

  /** The statement is over: to cancel it means nothing any more. */
  public synchronized void end() {
    underWay = false;
  }

  /** Whether the statement that began last was cancelled before it was over. */
  public boolean isCancelled() {
    return cancelled;
  }

  /**
   * Something of it is about to run.
   *
   * @throws dev.shardwright.router.StatementFailed if the statement was cancelled before
   */
  public synchronized void begin(Cancel cancel) {
    if (cancelled) {
      throw Unwanted.failure();
    }
    current =
        current.isEmpty()
            ? List.of(cancel)
            : Stream.concat(current.stream(), Stream.of(cancel)).toList();
  }

  /**
   * Something of it has run.
   *
   * @param cancel what {@link #begin} was given
   */
  @SuppressWarnings("ReferenceEquality") // a method reference equals itself alone
  public synchronized void end(Cancel cancel) {
    current =
        current.size() == 1 && current.get(0) == cancel
            ? List.of()
            : current.stream().filter(running -> running != cancel).toList();
  }

  private synchronized List<Cancel> cancelled() {
    cancelled = underWay;
    return current;
  }

  /** Ends all that runs now; what the statement does besides goes on. */
  public void cancelParts() throws SQLException {
    EachOf.run(running(), Cancel::cancel);
  }

  private synchronized List<Cancel> running() {
    return current;
  }

  /** Ends all that runs now, and lets nothing begin of the statement that is under way. */
  public void cancel() throws SQLException {
    EachOf.run(cancelled(), Cancel::cancel);
  }
}

package dev.shardwright.router.internal.scatter.part;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The loans through which the rows of one query come, for whoever gives it up where nobody will
 * read or close them. Thread-safe.
 */
public final class OpenLoans {
  private final Set<QueryLoan> open = ConcurrentHashMap.newKeySet();
  private volatile boolean aborted;

  void add(QueryLoan loan) {
    open.add(loan);
    if (aborted) {
      loan.abort();
    }
  }

  /** Closes the connections of those that have not ended, and of those to come. */
  public void abort() {
    aborted = true;
    open.forEach(QueryLoan::abort);
  }
}

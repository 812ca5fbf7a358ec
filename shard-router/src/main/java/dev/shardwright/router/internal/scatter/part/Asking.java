package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.scatter.fanout.Cancellation;
import dev.shardwright.topology.Epoch;
import java.sql.SQLException;

/** Asks a shard what a query has to know before its parts, and ends with the query. */
public final class Asking<T> extends Work<T> {
  private final SessionState session;
  private final Cancellation cancellation;
  private final Loan.Exchange<T> question;

  /**
   * @param question only reads
   */
  public Asking(SessionState session, Cancellation cancellation, Loan.Exchange<T> question) {
    super(StatementKind.QUERY);
    this.session = session;
    this.cancellation = cancellation;
    this.question = question;
  }

  @Override
  public T attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    return Loan.take(pool, epoch, this::patience, session)
        .useAndEnd(driver -> cancellation.during(driver, () -> question.on(driver)));
  }

  @Override
  public boolean isUnwanted() {
    return cancellation.isStopped();
  }

  @Override
  public Repeat repeat() {
    return cancellation.isStopped() ? Repeat.NEVER : Repeat.ALWAYS;
  }
}

package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.statement.Batch;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.topology.Epoch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.postgresql.jdbc.PgConnection;

/** The part of a batch that goes to one shard: one transaction. */
final class BatchWork extends Work<Batch.Outcome> {
  private final Batch batch;
  private final SessionState session;
  private final Optional<IsolationLevel> isolation;

  BatchWork(Batch batch, Session session) {
    super(StatementKind.UPDATE);
    this.batch = batch;
    this.session = session.state();
    this.isolation = session.isolationInAutocommit();
  }

  @Override
  public Batch.Outcome attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    Loan loan = Loan.take(pool, epoch, this::patience, session);
    return loan.useAndEnd(driver -> committed(loan, driver));
  }

  private Batch.Outcome committed(Loan loan, PgConnection driver) throws SQLException {
    loan.begin(isolation);
    batch.forgetDrawn(driver);
    phase = Phase.SENT;
    Batch.Outcome outcome = batch.on(driver, /* outlive= */ true, limitSeconds());
    phase = Phase.COMMITTING;
    driver.commit();
    phase = Phase.ANSWERED;
    return outcome;
  }

  @Override
  public boolean isUnwanted() {
    return batch.running().isCancelled();
  }

  @Override
  public Duration deadline(Duration usual) {
    return batch.options().deadline(usual);
  }

  @Override
  public Repeat repeat() {
    return Repeat.UNTIL_COMMIT;
  }
}

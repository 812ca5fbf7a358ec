package dev.shardwright.router.internal.jdbc.dispatch;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.session.Engine;
import dev.shardwright.router.internal.jdbc.session.Session;
import dev.shardwright.router.internal.jdbc.statement.Answered;
import dev.shardwright.router.internal.jdbc.statement.Call;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.run.Fault;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.router.internal.sql.OwnCommits;
import dev.shardwright.topology.Epoch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.postgresql.jdbc.PgConnection;

/** One statement that commits by itself. Gives its connection back before its rows are read. */
final class AutocommitWork extends Work<Answered> {
  private final Engine engine;
  private final Call call;
  private final SessionState session;
  private final Optional<IsolationLevel> isolation;

  AutocommitWork(Engine engine, Call call, Session session) {
    super(call.kind());
    this.engine = engine;
    this.session = session.state();
    this.call = call.under(session.view());
    this.isolation =
        switch (call.analysis().kind()) {
          case QUERY, WRITE -> session.isolationInAutocommit();
          case SCHEMA_CHANGE, EXPLAIN, SESSION -> Optional.empty();
        };
  }

  @Override
  public Answered attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    Loan loan = Loan.take(pool, epoch, this::patience, session);
    try {
      return loan.useAndEnd(driver -> committed(loan, driver));
    } catch (SQLException e) {
      if (Fault.isAboutAnswerAlone(e)) {
        executed();
      }
      throw phase == Phase.ANSWERED && repeat() != Repeat.ALWAYS ? SqlFailures.carriedOut(e) : e;
    }
  }

  private Answered committed(Loan loan, PgConnection driver) throws SQLException {
    if (isolation.isPresent()) {
      loan.begin(isolation);
    }
    phase = Phase.SENT;
    Answered answered = call.on(driver, /* outlive= */ true, limitSeconds(), this::executed);
    if (isolation.isPresent()) {
      phase = Phase.COMMITTING;
      driver.commit();
    }
    phase = Phase.ANSWERED;
    return answered;
  }

  /** Outside of a transaction it has committed by then, whatever becomes of its answer. */
  private void executed() {
    if (isolation.isEmpty()) {
      phase = Phase.ANSWERED;
    }
  }

  @Override
  public boolean isUnwanted() {
    return call.running().isCancelled();
  }

  @Override
  public Duration deadline(Duration usual) {
    return call.options().deadline(usual);
  }

  /** Whether it may be carried out again although it may have been carried out already. */
  @Override
  public Repeat repeat() {
    if (engine.scatter().mayBeApart(call.analysis())) {
      return Repeat.ALWAYS;
    }
    boolean inStages =
        call.analysis().kind() == Analysis.Kind.SCHEMA_CHANGE
            && OwnCommits.isInStages(call.analysis().text().text());
    return inStages ? Repeat.UNTIL_SENT : Repeat.NEVER;
  }
}

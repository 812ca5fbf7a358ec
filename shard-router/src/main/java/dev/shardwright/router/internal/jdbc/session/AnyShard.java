package dev.shardwright.router.internal.jdbc.session;

import dev.shardwright.router.internal.jdbc.failure.SqlFailures;
import dev.shardwright.router.internal.jdbc.setting.Quoting;
import dev.shardwright.router.internal.loan.Loan;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.IsolationLevel;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.rows.OutlivingRows;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.sql.Analysis;
import dev.shardwright.topology.Epoch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.jdbc.PgConnection;

/**
 * Answers what every shard would answer alike: by the shard of the session's transaction, or by
 * whichever can. Used by one thread at a time.
 */
public final class AnyShard {
  private final Engine engine;
  private final Session session;

  /** Asks something of a connection of the driver. */
  @FunctionalInterface
  public interface Ask<T> {
    T of(PgConnection driver) throws SQLException;
  }

  public AnyShard(Engine engine, Session session) {
    this.engine = engine;
    this.session = session;
  }

  /** The answer, which needs no connection any more. */
  public <T> T answer(Ask<T> question) throws SQLException {
    return answer(question, Optional.empty());
  }

  /** The answer to a question about a statement, given where all of its tables are. */
  public <T> T answer(Analysis statement, Ask<T> question) throws SQLException {
    return answer(question, engine.single(statement));
  }

  /**
   * @param where empty for any shard
   */
  private <T> T answer(Ask<T> question, Optional<Target> where) throws SQLException {
    return session.use().during(() -> answered(question, where));
  }

  private <T> T answered(Ask<T> question, Optional<Target> where) throws SQLException {
    Transaction within = session.transaction();
    try {
      if (within != null && within.isBound()) {
        return within.onBound((loan, limit) -> question.of(loan.driver()));
      }
      return where.isPresent()
          ? engine.runner().run(where.get(), new AskWork<>(question, session))
          : engine.onAnyShard(() -> new AskWork<>(question, session));
    } catch (RuntimeException e) {
      throw SqlFailures.of(e);
    }
  }

  /** A result set without rows. */
  public ResultSet noRows() throws SQLException {
    return answer(driver -> outliving(driver.prepareStatement("select where false")));
  }

  /** A result set of one column of text. */
  public ResultSet rowsOf(String column, String[] lines) throws SQLException {
    return answer(
        driver -> {
          PreparedStatement statement =
              OutlivingRows.prepare(driver, "select unnest(?::text[]) as " + Quoting.name(column));
          statement.setArray(1, driver.createArrayOf("text", lines));
          return outliving(statement);
        });
  }

  private static ResultSet outliving(PreparedStatement statement) throws SQLException {
    ResultSet rows = statement.executeQuery();
    OutlivingRows.detach(statement, rows);
    return rows;
  }

  /** The isolation level of the transaction, or of the next one, as in {@link java.sql}. */
  public int isolation() throws SQLException {
    Optional<IsolationLevel> known = session.isolation();
    return known.isPresent() ? known.get().number() : answer(PgConnection::getTransactionIsolation);
  }

  private static final class AskWork<T> extends Work<T> {
    private final Ask<T> question;
    private final Session asking;
    private final SessionState session;

    AskWork(Ask<T> question, Session asking) {
      super(StatementKind.QUERY);
      this.question = question;
      this.asking = asking;
      this.session = asking.stateToAsk();
    }

    @Override
    public T attempt(EndpointPool pool, Epoch epoch) throws SQLException {
      Loan loan = Loan.take(pool, epoch, this::patience, session);
      phase = Phase.SENT;
      return loan.useAndEnd(question::of);
    }

    @Override
    public boolean isUnwanted() {
      return asking.isClosed();
    }

    @Override
    public Repeat repeat() {
      return Repeat.ALWAYS;
    }
  }
}

package dev.shardwright.router.internal.scatter.part;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.loan.SessionState;
import dev.shardwright.router.internal.metrics.StatementKind;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.route.Stay;
import dev.shardwright.router.internal.run.Phase;
import dev.shardwright.router.internal.run.Repeat;
import dev.shardwright.router.internal.run.Work;
import dev.shardwright.router.internal.scatter.fanout.Admission;
import dev.shardwright.router.internal.scatter.fanout.Cancellation;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.RowShape;
import dev.shardwright.topology.Epoch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * One shard's part of a query, up to its first rows. If it reads only, it is done again after a
 * lost connection. Used by one thread.
 *
 * <p>Statements are made on the driver's own connection, past the pool's wrapper: rows that are all
 * here outlive the loan of the connection, which then may be somebody else's. Reading them sends
 * nothing, since {@link RowShape#of} has made the driver learn their types, and the answer's result
 * gives away nothing else that would.
 */
public final class ShardPart extends Work<PartRows> {
  private final ShardId shard;
  private final PartStatement part;
  private final Delivery delivery;
  private final Conditions conditions;
  private @Nullable QueryLoan streaming;

  /**
   * What the parts of one query have in common.
   *
   * @param session what the session has set
   * @param opening ends them before they have given their first rows
   * @param reading ends the fetching of further rows
   * @param loans through which rows come once the first are here
   * @param timeout how long the shards may take, if that is longer than the pools let statements
   *     run; empty for what they allow
   * @param repeatable whether a part may be carried out twice
   * @param place what each connection that is taken until its last row belongs to; empty where the
   *     query holds no more than one
   * @param stay of the query as a whole; empty if each part has its own only
   * @param deadline for the query as a whole
   */
  public record Conditions(
      SessionState session,
      Cancellation opening,
      Cancellation reading,
      OpenLoans loans,
      Optional<LongerTimeout> timeout,
      boolean repeatable,
      Optional<Admission.Place> place,
      Optional<Stay> stay,
      Duration deadline) {}

  public ShardPart(ShardId shard, PartStatement part, Delivery delivery, Conditions conditions) {
    super(StatementKind.QUERY);
    this.shard = shard;
    this.part = part;
    this.delivery = conditions.session().setsTimeZone() ? delivery.asText() : delivery;
    this.conditions = conditions;
  }

  @Override
  public PartRows attempt(EndpointPool pool, Epoch epoch) throws SQLException {
    QueryLoan loan = QueryLoan.take(pool, epoch, conditions.opening()::patience);
    conditions.place().ifPresent(place -> loan.whenEnded(place.join()));
    SQLException failure = null;
    PartRows rows = null;
    try {
      rows = run(loan);
      return rows;
    } catch (SQLException e) {
      failure = e;
      throw e;
    } finally {
      if (rows == null || delivery.fetchSize() == 0) {
        loan.end(failure);
      } else {
        streaming = loan;
        conditions.loans().add(loan);
        conditions.stay().ifPresent(stay -> keep(loan, stay));
      }
    }
  }

  /** The query's own part in it is not over yet. */
  private static void keep(QueryLoan loan, Stay stay) {
    stay.begin();
    loan.keep(stay);
  }

  @Override
  public boolean keeps(Stay stay) {
    QueryLoan open = streaming;
    if (open == null) {
      return false;
    }
    open.keep(stay);
    return true;
  }

  @Override
  public Duration deadline(Duration usual) {
    return conditions.deadline();
  }

  /** Runs the part on a connection that stays the caller's. */
  public PartRows on(Connection connection) throws SQLException {
    PgConnection driver = connection.unwrap(PgConnection.class);
    return conditions.opening().during(driver, () -> run(driver, null));
  }

  @Override
  public Repeat repeat() {
    return conditions.opening().isStopped() || !conditions.repeatable()
        ? Repeat.NEVER
        : Repeat.ALWAYS;
  }

  private PartRows run(QueryLoan loan) throws SQLException {
    return conditions.opening().during(loan.driver(), () -> prepared(loan));
  }

  private PartRows prepared(QueryLoan loan) throws SQLException {
    loan.apply(conditions.session());
    if (delivery.fetchSize() > 0) {
      loan.pooled().setAutoCommit(false);
    }
    if (conditions.timeout().isPresent()) {
      conditions.timeout().get().applyTo(loan.pooled());
    }
    return run(loan.driver(), loan);
  }

  private PartRows run(PgConnection driver, @Nullable QueryLoan loan) throws SQLException {
    PreparedStatement statement =
        part.prepare(driver, delivery.resultSetType(), delivery.concurrency());
    try {
      delivery.applyTo(statement);
      phase = Phase.SENT;
      ResultSet rows = statement.executeQuery();
      phase = Phase.ANSWERED;
      RowShape shape = RowShape.of(rows, driver);
      return new PartRows(shard, statement, rows, shape, supply(driver, loan));
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private PartRows.Supply supply(PgConnection driver, @Nullable QueryLoan loan) {
    return delivery.fetchSize() == 0
        ? PartRows.Supply.NONE
        : new CursorSupply(driver, loan, conditions.reading(), delivery.fetchSize());
  }
}

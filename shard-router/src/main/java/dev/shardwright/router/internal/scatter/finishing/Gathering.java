package dev.shardwright.router.internal.scatter.finishing;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.StatementFailed;
import dev.shardwright.router.internal.loan.BoundShard;
import dev.shardwright.router.internal.route.Target;
import dev.shardwright.router.internal.scatter.fanout.Admission;
import dev.shardwright.router.internal.scatter.fanout.Failures;
import dev.shardwright.router.internal.scatter.fanout.Limits;
import dev.shardwright.router.internal.scatter.part.Delivery;
import dev.shardwright.router.internal.scatter.part.OpenTransaction;
import dev.shardwright.router.internal.scatter.part.PartStatement;
import dev.shardwright.router.internal.scatter.part.QueryLoan;
import dev.shardwright.router.internal.scatter.part.ShardPart;
import dev.shardwright.router.internal.scatter.query.QueryContext;
import dev.shardwright.router.internal.scatter.result.MergedParts;
import dev.shardwright.router.internal.scatter.result.MergedRows;
import dev.shardwright.router.internal.scatter.rows.PartRows;
import dev.shardwright.router.internal.scatter.rows.PartialRows;
import dev.shardwright.router.internal.sql.answer.Gather;
import dev.shardwright.router.internal.sql.scan.SqlRefused;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a query by copying the rows that it needs into temporary tables on one shard, where the
 * query then runs. Each shard's rows are of one snapshot.
 */
public final class Gathering {
  /** How many rows are brought at a time. */
  private static final int BATCH = 1_000;

  private static final String MAY_WRITE =
      "select current_setting('transaction_read_only')::bool,"
          + " pg_current_xact_id_if_assigned() is not null";

  private static final Logger log = LoggerFactory.getLogger(Gathering.class);

  private final QueryContext context;
  private final Gather answer;
  private final Limits limits;

  public Gathering(QueryContext context, Gather answer) {
    this.context = context;
    this.answer = answer;
    this.limits = context.limits();
  }

  public MergedRows rows() throws SQLException {
    Admission.Place place = context.enter();
    try {
      return gathered();
    } finally {
      place.leave();
    }
  }

  private MergedRows gathered() throws SQLException {
    CopyTarget target = target();
    boolean complete = false;
    try {
      ShardId home = target.shard();
      List<TableShape> tables =
          context.onOne(home, at -> on(at, () -> target.create(answer.copies())), made -> {});
      copy(target, tables);
      PartStatement last = context.statement(answer.last());
      PartRows rows =
          context.openWhole(
              home, (at, delivery) -> on(at, () -> target.query(context.part(at, last, delivery))));
      complete = true;
      target.end();
      return MergedParts.ofOne(
          rows, context.describer(context.statement(context.query().analysis().text())));
    } finally {
      if (!complete) {
        abandon(target);
      }
    }
  }

  /** Work on the way to the answer that fails as the driver says. */
  private interface Step<T> {
    T run() throws SQLException;
  }

  private static <T> T on(ShardId shard, Step<T> step) {
    try {
      return step.run();
    } catch (SQLException e) {
      throw Failures.of(shard, e);
    }
  }

  /** The caller's transaction, if it may write, since the query is to see what that wrote. */
  private CopyTarget target() throws SQLException {
    BoundShard bound = context.query().bound().orElse(null);
    if (bound != null && mayWrite(bound)) {
      return new CopyTarget(bound.shard(), bound.connection(), null, context.opening());
    }
    return context.onAny(this::own, Gathering::endQuietly);
  }

  private CopyTarget own(ShardId home) {
    QueryLoan loan = begin(home, /* writes= */ true);
    return on(home, () -> new CopyTarget(home, loan.pooled(), loan, context.opening()));
  }

  /**
   * Whether copies can be made there. Other sessions do not see what was written before.
   *
   * @throws SqlRefused if something was written, and nothing more may be
   */
  private boolean mayWrite(BoundShard bound) {
    PgConnection driver = bound.connection();
    return context.onOne(
        bound.shard(),
        at -> on(at, () -> context.opening().duringTransaction(driver, () -> mayWrite(driver))),
        known -> {});
  }

  private static boolean mayWrite(PgConnection driver) throws SQLException {
    try (Statement statement = driver.createStatement();
        ResultSet row = statement.executeQuery(MAY_WRITE)) {
      row.next();
      if (row.getBoolean(1) && row.getBoolean(2)) {
        throw new SqlRefused(
            SqlRefused.Reason.NOT_OVER_SHARDS,
            "the answer takes temporary tables where the transaction is, which has written and is"
                + " read only now: ask before it becomes read only");
      }
      return !row.getBoolean(1);
    }
  }

  private QueryLoan begin(ShardId shard, boolean writes) {
    return context
        .resources()
        .runner()
        .run(
            new Target.OfShard(shard),
            new OpenTransaction(
                writes, context.query().session(), context.opening(), context.timeout()));
  }

  private void copy(CopyTarget target, List<TableShape> tables) {
    var outcome =
        context.onAll(
            context.here(),
            shard -> {
              if (shard.equals(target.shard())) {
                copyOwn(target, tables);
              } else {
                copyFrom(shard, target, tables);
              }
              return shard;
            },
            done -> {},
            context.query().missingShards());
    context.missing().putAll(outcome.failed());
  }

  private List<Gather.Copy> copies(ShardId shard) {
    return context.hiding().on(shard, answer).copies();
  }

  private void copyOwn(CopyTarget target, List<TableShape> tables) {
    for (int i = 0; i < tables.size(); i++) {
      PartStatement insert =
          context.statement(
              tables
                  .get(i)
                  .insertOwn(copies(target.shard()).get(i).condition(), limits.oneTooMany()));
      limits.addRows(on(target.shard(), () -> target.addOwn(insert)));
    }
  }

  private void copyFrom(ShardId shard, CopyTarget target, List<TableShape> tables) {
    QueryLoan loan = begin(shard, /* writes= */ false);
    SQLException failure = null;
    try {
      for (int i = 0; i < tables.size(); i++) {
        copyFrom(shard, loan, target, tables.get(i), copies(shard).get(i));
      }
    } catch (SQLException e) {
      failure = e;
      // Some of its rows may be there already, so the answer cannot do without the others.
      throw new StatementFailed(
          "shard %s: its rows could not be copied to shard %s: %s"
              .formatted(shard, target.shard(), e.getMessage()),
          e);
    } finally {
      loan.end(failure);
    }
  }

  private void copyFrom(
      ShardId shard, QueryLoan loan, CopyTarget target, TableShape table, Gather.Copy copy)
      throws SQLException {
    PartStatement select = context.statement(table.select(copy.condition()));
    ShardPart part = context.part(shard, select, Delivery.streamed(BATCH).asText());
    try (PartRows rows = part.on(loan.pooled())) {
      int columns = rows.shape().size();
      PartialRows batch = new PartialRows(columns);
      while (rows.next()) {
        @Nullable String[] row = PartialRows.read(rows.rows(), columns);
        limits.add(row);
        batch.add(row);
        if (batch.size() == BATCH) {
          target.add(table, rows.shape(), batch);
          batch = new PartialRows(columns);
        }
      }
      if (batch.size() > 0) {
        target.add(table, rows.shape(), batch);
      }
    }
  }

  /**
   * Others may still be bringing rows, and whoever ends the target waits for them. The caller does
   * so only where the connection is its own.
   */
  private void abandon(CopyTarget target) {
    if (target.isCallers()) {
      endQuietly(target);
    } else {
      context.resources().workers().execute(() -> endQuietly(target));
    }
  }

  private static void endQuietly(CopyTarget target) {
    try {
      target.end();
    } catch (SQLException e) {
      log.debug("shard {}: copies could not be dropped", target.shard(), e);
    }
  }
}

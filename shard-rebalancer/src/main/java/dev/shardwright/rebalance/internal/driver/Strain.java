package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.migration.Migration;
import dev.shardwright.rebalance.internal.migration.MigrationDecider;
import dev.shardwright.rebalance.internal.throttle.Signal;
import dev.shardwright.rebalance.internal.throttle.Signals;
import dev.shardwright.ring.ShardId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets work beside the service rest while one of the two shards has more to do than it can, and
 * says so in the journal. Keeps a session on each. Used by one thread at a time.
 *
 * <p>How long a key log is asks for no rest: it is applied once the copy is complete, and grows
 * until then.
 */
final class Strain implements Signal, AutoCloseable {
  private static final String NOTE = MigrationDecider.WAITS + "the service: ";

  /** A replica that lags so much answers with what is long past, and costs a failover its time. */
  private static final long MOST_LAG = 256L * 1024 * 1024;

  /** As a rule, a commit takes some milliseconds. */
  private static final Duration SLOWEST_COMMIT = Duration.ofSeconds(1);

  /** What failed is told for so long, so that what fails again and again is told all the time. */
  private static final Duration GOES_WELL = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Strain.class);

  /** Beyond it, new sessions are refused soon. */
  private static final int MOST_PERCENT_BUSY = 75;

  private final MoveContext context;
  private final Keeper keeper;
  private final List<Connection> sessions = new ArrayList<>();
  private final List<Signal> signals = new ArrayList<>();
  private final long began = System.nanoTime();

  Strain(MoveContext context, Keeper keeper) {
    this.context = context;
    this.keeper = keeper;
  }

  MoveContext context() {
    return context;
  }

  @Override
  public Optional<String> reasonToPause() throws SQLException {
    Optional<String> reason = firstReason();
    keeper.record(
        migration ->
            reason.map(why -> migration.withNote(NOTE + why)).orElseGet(() -> eased(migration)));
    return reason;
  }

  /** What trying again does not mend, as a locked table, is told until it was tried to the end. */
  private Migration eased(Migration migration) {
    String note = migration.note();
    boolean hindered =
        note.startsWith(MigrationDecider.WAITS) || note.startsWith(MigrationDecider.FAILED);
    boolean over =
        note.startsWith(NOTE) || (hindered && System.nanoTime() - began > GOES_WELL.toNanos());
    return over ? migration.unhindered() : migration;
  }

  private Optional<String> firstReason() throws SQLException {
    if (sessions.isEmpty()) {
      open();
    }
    for (Signal signal : signals) {
      Optional<String> reason = signal.reasonToPause();
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  private void open() throws SQLException {
    ShardId source = context.migration().transfer().source();
    for (ShardId shard : List.of(source, context.migration().transfer().target())) {
      Connection session = context.open(shard);
      sessions.add(session);
      signals.add(on(shard, Signals.replicaLag(session, MOST_LAG)));
      signals.add(on(shard, Signals.busySessions(session, MOST_PERCENT_BUSY)));
      signals.add(on(shard, Signals.commitLatency(session, SLOWEST_COMMIT)));
    }
  }

  private static Signal on(ShardId shard, Signal signal) {
    return () -> signal.reasonToPause().map(why -> "on shard %s, %s".formatted(shard, why));
  }

  @Override
  public void close() {
    for (Connection session : sessions) {
      try {
        session.close();
      } catch (SQLException e) {
        LOG.debug("A session of migration {} was not closed", context.migration().number(), e);
      }
    }
    sessions.clear();
    signals.clear();
  }
}

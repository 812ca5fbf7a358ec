package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which routers have not yet acknowledged what a range move has come to, and cuts off those
 * that cannot. Used by one thread at a time.
 */
public final class RouterWatch {
  private static final Logger LOG = LoggerFactory.getLogger(RouterWatch.class);
  private static final Duration TERMINATION = Duration.ofSeconds(2);

  private final MoveAcknowledgements acknowledgements;
  private final Supplier<List<RegisteredRouter>> registered;

  /**
   * @param registered the routers that ZooKeeper knows now
   */
  public RouterWatch(
      MoveAcknowledgements acknowledgements, Supplier<List<RegisteredRouter>> registered) {
    this.acknowledgements = acknowledgements;
    this.registered = registered;
  }

  /** The routers with a session in one of these databases that have not acknowledged it. */
  public Set<Integer> missing(RangeMove move, Connection one, Connection other)
      throws SQLException {
    return silent(RouterSessions.of(one, other), move);
  }

  /** Those of the routers that have not acknowledged it. */
  Set<Integer> silent(Set<Integer> routers, RangeMove move) {
    Set<Integer> silent = new TreeSet<>(routers);
    if (!silent.isEmpty()) {
      silent.removeAll(acknowledgements.of(Subject.of(move)));
    }
    return silent;
  }

  /** Those of the routers that ZooKeeper does not know, or that are not at that epoch. */
  public Set<Integer> unaware(Set<Integer> routers, Epoch epoch) {
    Set<Integer> aware =
        registered.get().stream()
            .filter(router -> !epoch.isAfter(router.epoch()))
            .map(RegisteredRouter::number)
            .collect(Collectors.toSet());
    Set<Integer> unaware = new TreeSet<>(routers);
    unaware.removeAll(aware);
    return unaware;
  }

  /** Those of the routers whose session with ZooKeeper is over. */
  public Set<Integer> unregistered(Set<Integer> routers) {
    return unaware(routers, Epoch.NONE);
  }

  /**
   * Ends the sessions of routers that may not know what the move has come to. They connect again
   * once they do.
   *
   * @return whether the sessions are gone
   */
  public boolean cutOff(Set<Integer> routers, Connection one, Connection other)
      throws SQLException {
    if (routers.isEmpty()) {
      return true;
    }
    LOG.warn("Routers {} are cut off: they do not follow the topology", routers);
    boolean gone = RouterSessions.end(one, routers, TERMINATION);
    return RouterSessions.end(other, routers, TERMINATION) && gone;
  }
}

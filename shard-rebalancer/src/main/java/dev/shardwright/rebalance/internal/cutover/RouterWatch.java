package dev.shardwright.rebalance.internal.cutover;

import dev.shardwright.rebalance.internal.database.Workers;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import dev.shardwright.topology.zookeeper.RegisteredRouter;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Tells which routers have not yet acknowledged what a range move has come to, and cuts off those
 * that cannot. Used by one thread at a time.
 */
public final class RouterWatch {
  private static final Duration TERMINATION = Duration.ofSeconds(2);

  private final MoveAcknowledgements acknowledgements;
  private final ZooKeeperCluster cluster;
  private final Consumer<Set<Integer>> cutOff;

  /**
   * @param cluster knows which routers are registered, and what they acknowledged
   * @param cutOff told which routers are cut off, again as often as that is tried; must return
   *     soon, for work may wait
   */
  public RouterWatch(ZooKeeperCluster cluster, Consumer<Set<Integer>> cutOff) {
    this.acknowledgements = cluster.acknowledgements();
    this.cluster = cluster;
    this.cutOff = cutOff;
  }

  /** The routers with a session in one of these databases that have not acknowledged it. */
  public Set<Integer> missing(RangeMove move, Connection one, Connection other)
      throws SQLException {
    Workers.Both<Set<Integer>, Set<Integer>> both =
        Workers.both(
            () -> RouterSessions.of(one, other), () -> acknowledgements.of(Subject.of(move)));
    return without(both.here(), both.beside());
  }

  /**
   * The same, with those that have no session now but are registered: one may come yet, for work
   * that began before.
   */
  public Set<Integer> awaited(RangeMove move, Connection one, Connection other)
      throws SQLException {
    Set<Integer> routers = new TreeSet<>(RouterSessions.of(one, other));
    cluster.catchUp();
    routers.addAll(cluster.routerNumbers());
    return silent(routers, move);
  }

  /** Those of the routers that have not acknowledged it. */
  Set<Integer> silent(Set<Integer> routers, RangeMove move) {
    return routers.isEmpty() ? Set.of() : without(routers, acknowledgements.of(Subject.of(move)));
  }

  /** Removes what was acknowledged of earlier attempts, so that many of them leave little. */
  public void forgetBefore(RangeMove move) {
    acknowledgements.forgetBefore(Subject.of(move));
  }

  /** Those of the routers that ZooKeeper does not know, or that are not at that epoch. */
  public Set<Integer> unaware(Set<Integer> routers, Epoch epoch) {
    cluster.catchUp();
    Set<Integer> aware =
        cluster.routers().stream()
            .filter(router -> !epoch.isAfter(router.epoch()))
            .map(RegisteredRouter::number)
            .collect(Collectors.toSet());
    return without(routers, aware);
  }

  /**
   * Those of the routers whose session with ZooKeeper is over. Our server may not know yet who is
   * new, so it is asked again before anybody is cut off.
   */
  public Set<Integer> unregistered(Set<Integer> routers) {
    Set<Integer> unknown = without(routers, cluster.routerNumbers());
    if (unknown.isEmpty()) {
      return unknown;
    }
    cluster.catchUp();
    return without(unknown, cluster.routerNumbers());
  }

  /** Waits for these routers no more, also where they are registered still, and cuts them off. */
  public void giveUpOn(Set<Integer> routers, Connection one, Connection other) throws SQLException {
    routers.forEach(cluster::unregister);
    if (!routers.isEmpty()) {
      cutOff.accept(routers);
      RouterSessions.end(one, other, routers, TERMINATION);
    }
  }

  /**
   * Ends the sessions of routers that may not know what the move has come to. They connect again
   * once they do.
   *
   * @return whether the sessions are gone
   */
  public boolean cutOff(Set<Integer> routers, Connection one, Connection other)
      throws SQLException {
    return cutOff(routers, one, other, TERMINATION);
  }

  /** The same where the sessions may take no longer than that to end. */
  boolean cutOff(Set<Integer> routers, Connection one, Connection other, Duration patience)
      throws SQLException {
    if (routers.isEmpty()) {
      return true;
    }
    Set<Integer> here = new TreeSet<>(RouterSessions.of(one, other));
    here.retainAll(routers);
    if (!here.isEmpty()) { // else they have ended by themselves
      cutOff.accept(here);
    }
    return RouterSessions.end(one, other, routers, patience);
  }

  private static Set<Integer> without(Set<Integer> routers, Set<Integer> others) {
    Set<Integer> rest = new TreeSet<>(routers);
    rest.removeAll(others);
    return rest;
  }
}

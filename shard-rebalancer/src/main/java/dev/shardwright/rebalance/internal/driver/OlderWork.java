package dev.shardwright.rebalance.internal.driver;

import dev.shardwright.rebalance.internal.cutover.RouterSessions;
import dev.shardwright.topology.Epoch;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.zookeeper.MoveAcknowledgements.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * Waits for what routers run that began before a range move had come as far as it has. Used by one
 * thread.
 *
 * <p>Once no router is awaited, each has acknowledged, or was neither on the list nor on the
 * shards. The latter may still run something older, and know the epoch that lets it in: it read
 * that while it was on the list. So another epoch is made <em>after</em> the look at the list, and
 * asked of whoever comes: to know that, a router has to read it, and then it finds that its entry
 * in the list is gone, or is another one, and lets nothing older come here.
 */
final class OlderWork {
  private Optional<Subject> shutOut = Optional.empty();

  /**
   * The routers to wait for; none once nothing older runs on the shards of the move, nor ever will.
   *
   * @param epoch of a topology with the move in that form
   */
  Set<Integer> awaited(
      MoveContext context, Epoch epoch, RangeMove move, Connection source, Connection target)
      throws SQLException {
    admitOnlySince(epoch, source, target);
    Set<Integer> awaited = context.routers().awaited(move, source, target);
    Optional<Subject> subject = Optional.of(Subject.of(move));
    if (!awaited.isEmpty() || shutOut.equals(subject)) {
      return awaited;
    }
    admitOnlySince(context.topology().advance().epoch(), source, target);
    shutOut = subject;
    return context.routers().missing(move, source, target);
  }

  private static void admitOnlySince(Epoch epoch, Connection source, Connection target)
      throws SQLException {
    RouterSessions.admitOnlySince(source, epoch);
    RouterSessions.admitOnlySince(target, epoch);
  }
}

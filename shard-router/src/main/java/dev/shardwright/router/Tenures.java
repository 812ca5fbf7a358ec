package dev.shardwright.router;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.pool.Pools;
import dev.shardwright.router.internal.route.LeftBehind;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Tenure;
import dev.shardwright.topology.RangeMove;
import dev.shardwright.topology.Topology;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, before a topology is adopted, whether movers have waited for what the router runs:
 * they wait for who is on the list of routers, and for who has sessions. Used by one thread at a
 * time.
 */
final class Tenures {
  private static final Logger log = LoggerFactory.getLogger(Tenures.class);

  private final ClusterLink link;
  private final Pools pools;

  /** From before the topology was read that was adopted last, or is about to be. */
  private long registration;

  private boolean wasAway;

  /**
   * @param registration from before the first topology was read
   */
  Tenures(ClusterLink link, Pools pools, long registration) {
    this.link = link;
    this.pools = pools;
    this.registration = registration;
  }

  /** Before anything runs. */
  Tenure first() {
    return new Tenure(registration);
  }

  /**
   * To be called before {@link #under}. A router that was off the list does again what it did when
   * it began: it registers, then reads the topology.
   *
   * @param seen newer than the one before
   * @return what to adopt: that, or a newer one
   */
  Topology confirmed(Routing before, Topology seen, Predicate<RangeMove> acknowledged) {
    wasAway =
        !LeftBehind.perhapsAt(before.topology(), seen, acknowledged).isEmpty()
            && !isListedSince(before.tenure());
    return wasAway ? readAnew(seen) : seen;
  }

  private boolean isListedSince(Tenure tenure) {
    try {
      return tenure.isOf(link.membership().registration());
    } catch (TopologyUnavailable e) {
      log.warn("whether this router was on the list of routers all the while cannot be told", e);
      return false;
    }
  }

  private Topology readAnew(Topology seen) {
    registration = Tenure.NO_REGISTRATION;
    try {
      long now = link.membership().register();
      Topology newest = link.store().read();
      registration = now;
      return newest.epoch().isAfter(seen.epoch()) ? newest : seen;
    } catch (TopologyUnavailable e) {
      log.warn("this router could not be registered anew, and will be at the next topology", e);
      return seen;
    }
  }

  /**
   * The present one, unless movers have not waited for this router. Then what waits for connections
   * gets none, and looks again where its rows are, before any is opened under the new snapshot.
   */
  Tenure under(Routing before, Topology now, Predicate<RangeMove> acknowledged) {
    Set<ShardId> shards = new TreeSet<>(LeftBehind.at(before.topology(), now, acknowledged));
    if (wasAway) {
      shards.addAll(LeftBehind.perhapsAt(before.topology(), now, acknowledged));
    }
    if (shards.isEmpty()) {
      return before.tenure();
    }
    log.warn(
        "rows of the shards {} may have moved from epoch {} to {} without this router, which was cut off",
        shards,
        before.epoch(),
        now.epoch());
    before.tenure().end();
    pools.renew(shards);
    return new Tenure(registration);
  }
}

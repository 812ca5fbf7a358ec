package dev.shardwright.router.internal.run;

import dev.shardwright.ring.ShardId;
import dev.shardwright.router.internal.pool.EndpointPool;
import dev.shardwright.router.internal.pool.NoConnection;
import dev.shardwright.router.internal.pool.Pools;
import dev.shardwright.router.internal.pool.SessionDefaults;
import dev.shardwright.router.internal.route.Routing;
import dev.shardwright.router.internal.route.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows what sessions of the shards begin with. Thread-safe. */
public final class SessionBegin {
  private static final Logger log = LoggerFactory.getLogger(SessionBegin.class);

  private final Runner runner;
  private final Pools pools;

  public SessionBegin(Runner runner, Pools pools) {
    this.runner = runner;
    this.pools = pools;
  }

  /**
   * As the session that was opened last has it. Where none was opened yet one is, on whichever
   * shard can; if none can, what is usual is believed, and whoever is lent a session finds out.
   */
  public SessionDefaults defaults() {
    Optional<SessionDefaults> known = pools.defaults();
    if (known.isEmpty() && !runner.isClosed()) {
      open(runner.routing());
    }
    return known.orElseGet(this::known);
  }

  /** The same without opening one. */
  public SessionDefaults known() {
    return pools.defaults().orElse(SessionDefaults.USUAL);
  }

  private void open(Routing routing) {
    long began = System.nanoTime();
    long patience = runner.timeouts().acquire().toNanos();
    List<ShardId> shards = new ArrayList<>(routing.topology().shards().keySet());
    Collections.shuffle(shards, ThreadLocalRandom.current());
    for (ShardId shard : shards) {
      EndpointPool pool = new Target.OfShard(shard).in(routing).pool();
      try {
        pool.giveBack(pool.borrow(routing.epoch(), () -> began + patience - System.nanoTime()));
        return;
      } catch (NoConnection e) {
        log.debug("shard {} does not tell what its sessions begin with", shard, e);
      }
    }
  }
}

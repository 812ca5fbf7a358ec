package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One candidate's way through the election. Thread-safe. */
final class Campaign implements LeaderElection.Candidacy, LeaderLatchListener {
  private static final Logger LOG = LoggerFactory.getLogger(Campaign.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final LeaderElection election;
  private final LeaderElection.Listener listener;
  private final String name;
  private final LeaderLatch latch;
  private final Worker worker;
  private final Consumer<Campaign> onClose;

  /** Used on the worker's thread, and after its end. */
  private boolean leads;

  private boolean closed;

  Campaign(
      CuratorFramework curator,
      LeaderElection election,
      String path,
      String name,
      LeaderElection.Listener listener,
      Consumer<Campaign> onClose) {
    this.election = election;
    this.listener = listener;
    this.name = name;
    this.onClose = onClose;
    this.latch = new LeaderLatch(curator, path, name, LeaderLatch.CloseMode.SILENT);
    this.worker = new Worker("shardwright-election-" + name);
  }

  void begin() {
    latch.addListener(this, worker);
    try {
      latch.start();
    } catch (Exception e) {
      throw new TopologyUnavailable("candidate " + name + " could not be put up", e);
    }
  }

  /** The latch says that we are first in line; we lead once we have a token. */
  @Override
  public void isLeader() {
    if (leads || !latch.hasLeadership()) {
      return; // what came in between has told, or will tell
    }
    try {
      // Being first in line is tied to the node of that moment, not to the newest one.
      Optional<FencingToken> token = election.takeToken(name, latch.getLastPathIsLeader());
      if (token.isPresent()) {
        leads = true;
        listener.elected(token.get());
      }
    } catch (TopologyUnavailable e) {
      LOG.warn("Candidate {} is first in line but got no fencing token, trying again", name, e);
      worker.later(RETRY, this::isLeader);
    }
  }

  @Override
  public void notLeader() {
    if (leads) {
      leads = false;
      listener.dismissed();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try {
      latch.close();
    } catch (IOException e) {
      LOG.warn("Candidate {} stays in line until the session ends", name, e);
    }
    onClose.accept(this);
    if (worker.end()) {
      notLeader(); // no other call runs beside this one
    }
  }
}

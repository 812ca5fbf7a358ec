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
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final CuratorFramework curator;
  private final LeaderElection election;
  private final String path;
  private final LeaderElection.Listener listener;
  private final String name;
  private final Worker worker;
  private final Consumer<Campaign> onClose;
  private volatile LeaderLatch latch;

  /** That we lead by. Used on the worker's thread, and after its end. */
  private Optional<FencingToken> held = Optional.empty();

  private boolean closed;

  Campaign(
      CuratorFramework curator,
      LeaderElection election,
      String path,
      String name,
      LeaderElection.Listener listener,
      Consumer<Campaign> onClose) {
    this.curator = curator;
    this.election = election;
    this.path = path;
    this.listener = listener;
    this.name = name;
    this.onClose = onClose;
    this.latch = newLatch();
    this.worker = new Worker("shardwright-election-" + name);
  }

  private LeaderLatch newLatch() {
    return new LeaderLatch(curator, path, name, LeaderLatch.CloseMode.SILENT);
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
    if (held.isPresent() || !latch.hasLeadership()) {
      return; // what came in between has told, or will tell
    }
    try {
      // Being first in line is tied to the node of that moment, not to the newest one.
      Optional<FencingToken> token = election.takeToken(name, latch.getLastPathIsLeader());
      if (token.isPresent()) {
        held = token;
        worker.later(LOOK_AGAIN, () -> check(token.get()));
        listener.elected(token.get());
      }
    } catch (TopologyUnavailable e) {
      LOG.warn("Candidate {} is first in line but got no fencing token, trying again", name, e);
      worker.later(RETRY, this::isLeader);
    }
  }

  @Override
  public void notLeader() {
    if (held.isPresent()) {
      held = Optional.empty();
      listener.dismissed();
    }
  }

  /**
   * While we are first in line nobody else takes a token, but the nodes may have been lost with all
   * of ZooKeeper, and the numbers up to the old ones skipped. Then ours is good for nothing, and we
   * would keep others from leading.
   */
  private void check(FencingToken token) {
    if (!held.equals(Optional.of(token))) {
      return; // dismissed since
    }
    try {
      // A dismissal that comes meanwhile does not wait for long.
      if (!election.isNewest(token, Deadline.after(PATIENCE))) {
        LOG.warn("Candidate {} stands again, its fencing token {} is not the newest", name, token);
        notLeader();
        standAgain();
        return;
      }
    } catch (TopologyUnavailable e) {
      LOG.warn("Candidate {} cannot tell whether its fencing token is the newest", name, e);
    }
    worker.later(LOOK_AGAIN, () -> check(token));
  }

  private void standAgain() {
    LeaderLatch before;
    synchronized (this) {
      if (closed) {
        return;
      }
      before = latch;
      latch = newLatch();
      begin(); // returns at once
    }
    end(before);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    end(latch);
    onClose.accept(this);
    if (worker.end()) {
      notLeader(); // no other call runs beside this one
    }
  }

  private void end(LeaderLatch ended) {
    try {
      ended.close();
    } catch (IOException e) {
      LOG.warn("Candidate {} stays in line until the session ends", name, e);
    }
  }
}

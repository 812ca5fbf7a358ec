package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.OpResult;

/**
 * Finds one leader among the candidates of a cluster. Thread-safe.
 *
 * <p>A leader that is cut off learns of it late, so two may believe that they lead. What tells them
 * apart is the fencing token, the version of the one leader node. A leader writes that node in a
 * {@code multi} that also checks that the node of its own candidacy, the first in line, is still
 * there. While it is, nobody else is first in line; once it is gone, it never comes back, and its
 * owner can take no newer token. So tokens grow from leader to leader, and work that carries the
 * token, checked in the same {@code multi} or in the databases, is done for the last leader only.
 *
 * <p>After ZooKeeper has lost everything, tokens begin anew, until the old ones are skipped. A
 * leader that finds that its token is not the newest stands again.
 */
public final class LeaderElection {
  private final CuratorFramework curator;
  private final Requests requests;
  private final String path;
  private final Set<Campaign> campaigns = ConcurrentHashMap.newKeySet();

  LeaderElection(CuratorFramework curator, Requests requests, ClusterPaths paths) {
    this.curator = curator;
    this.requests = requests;
    this.path = paths.leader();
  }

  /** Is told how its candidacy goes: elected and dismissed by turns. */
  public interface Listener {
    /** The candidate leads from now on, under that token. Should return soon. */
    void elected(FencingToken token);

    /**
     * The candidate does not lead any more, or cannot know. By now another may lead: what must not
     * be done twice has to be fenced by the token.
     */
    void dismissed();
  }

  /** A candidate's registration. */
  public interface Candidacy extends AutoCloseable {
    /**
     * Steps down. The listener is told if it leads; no call begins after this returned. Safe to
     * call twice, also from the listener itself.
     */
    @Override
    void close();
  }

  /**
   * Stands for election, until the candidacy is closed.
   *
   * @param name what people call this candidate
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Candidacy candidate(String name, Listener listener) {
    requests.ensure(path, requests.newDeadline());
    Campaign campaign = new Campaign(curator, this, path, name, listener, campaigns::remove);
    campaigns.add(campaign);
    campaign.begin();
    return campaign;
  }

  /**
   * Who leads now, if somebody does.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Optional<Leader> leader() {
    Deadline deadline = requests.newDeadline();
    requests.sync(path, deadline);
    Optional<Requests.Node> node = requests.get(path, null, deadline);
    if (node.isEmpty() || node.get().data().length == 0) {
      return Optional.empty();
    }
    return requests.exists(Leader.candidacy(node.get(), path), deadline)
        ? Optional.of(Leader.decode(node.get(), path))
        : Optional.empty();
  }

  /**
   * Whether no later leader has taken a token. True is out of date at once: a decision that must
   * not be made by two has to check the token where it is written.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public boolean isNewest(FencingToken token) {
    return isNewest(token, requests.newDeadline());
  }

  boolean isNewest(FencingToken token, Deadline deadline) {
    requests.sync(path, deadline);
    return requests
        .get(path, null, deadline)
        .filter(node -> node.stat().getVersion() == token.value())
        .isPresent();
  }

  /** Ends all candidacies. */
  void close() {
    campaigns.forEach(Campaign::close);
  }

  /**
   * Takes the next token, unless the candidacy is gone.
   *
   * @param candidacy the node by which the candidate was first in line
   */
  Optional<FencingToken> takeToken(String name, String candidacy) {
    try {
      List<OpResult> results =
          requests.change(
              "take a fencing token",
              requests.newDeadline(),
              List.of(
                  Unconditional.check(candidacy),
                  Unconditional.set(path, Leader.encode(name, candidacy))));
      int version = ((OpResult.SetDataResult) results.get(1)).getStat().getVersion();
      return Optional.of(new FencingToken(version));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    } catch (KeeperException e) {
      throw requests.refused("take a fencing token", e);
    }
  }
}

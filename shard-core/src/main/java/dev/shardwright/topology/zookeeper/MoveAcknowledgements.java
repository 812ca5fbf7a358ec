package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.topology.RangeMove;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;

/**
 * Where routers say that they have done what a range move asks of them. Thread-safe.
 *
 * <p>An acknowledgement is a fact about the past, so it outlives its author's session. That a
 * router is gone from ZooKeeper is none: who has to acknowledge, the sessions in the databases
 * tell.
 */
public final class MoveAcknowledgements {
  private final Requests requests;
  private final ClusterPaths paths;

  MoveAcknowledgements(Requests requests, ClusterPaths paths) {
    this.requests = requests;
    this.paths = paths;
  }

  /**
   * What an acknowledgement is about: all that a router runs began when the move had come this far.
   *
   * @param move the number of the range move
   * @param value its value
   * @param held whether new work on its ranges has to wait; then only writes and transactions on
   *     them count, which have all ended
   */
  public record Subject(int move, long value, boolean held) {
    /** What the move in this form asks to be acknowledged. */
    public static Subject of(RangeMove move) {
      return new Subject(move.number(), move.value(), move.held());
    }

    private String nameFor(int router) {
      return prefix() + router;
    }

    private String prefix() {
      return value + (held ? "-held-" : "-free-");
    }
  }

  /**
   * Makes room for the acknowledgements of a move. Must come before routers learn of it.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void prepare(int move) {
    requests.ensure(paths.acknowledgements(move), requests.newDeadline());
  }

  /**
   * Says that this router has done it. Saying so twice is as good as once; for a move that is over
   * nothing is written.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void acknowledge(Subject subject, int router) {
    String path = paths.acknowledgement(subject.move(), subject.nameFor(router));
    try {
      requests.change(
          "write " + path,
          requests.newDeadline(),
          List.of(Op.create(path, new byte[0], requests.acl(), CreateMode.PERSISTENT)));
    } catch (KeeperException.NodeExistsException e) {
      // It was said before.
    } catch (KeeperException.NoNodeException e) {
      // The move is over: nobody waits for the answer.
    } catch (KeeperException e) {
      throw requests.refused("write " + path, e);
    }
  }

  /**
   * The numbers of the routers that have said so.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public Set<Integer> of(Subject subject) {
    Set<Integer> routers = new TreeSet<>();
    for (String name : names(subject.move())) {
      if (name.startsWith(subject.prefix())) {
        routers.add(Integer.valueOf(name.substring(subject.prefix().length())));
      }
    }
    return routers;
  }

  /**
   * Removes what was said about smaller values of the move, so that many attempts leave little.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void forgetBefore(Subject subject) {
    for (String name : names(subject.move())) {
      long value = Long.parseLong(name.substring(0, name.indexOf('-')));
      if (value < subject.value()) {
        requests.remove(List.of(paths.acknowledgement(subject.move(), name)));
      }
    }
  }

  /**
   * Removes all that was said about the move, which is over.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void forget(int move) {
    for (String name : names(move)) {
      requests.remove(List.of(paths.acknowledgement(move, name)));
    }
    requests.remove(List.of(paths.acknowledgements(move)));
  }

  private List<String> names(int move) {
    return requests.children(paths.acknowledgements(move), requests.newDeadline());
  }
}

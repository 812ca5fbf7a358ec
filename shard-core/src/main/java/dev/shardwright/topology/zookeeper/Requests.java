package dev.shardwright.topology.zookeeper;

import dev.shardwright.TopologyUnavailable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Requests to ZooKeeper, each with a deadline. Curator keeps the session; the requests themselves
 * go to its ZooKeeper handle, so that a change is sent exactly as often as we say. Thread-safe.
 */
final class Requests {
  private static final long MIN_PAUSE_MILLIS = 20;
  private static final long MAX_PAUSE_MILLIS = 100;

  private final CuratorFramework curator;
  private final String connectString;
  private final Duration limit;
  private final List<ACL> acl;

  Requests(CuratorFramework curator, String connectString, Duration limit, List<ACL> acl) {
    this.curator = curator;
    this.connectString = connectString;
    this.limit = limit;
    this.acl = acl;
  }

  /** A node's bytes and what ZooKeeper knows about it. */
  static final class Node {
    private final byte[] data;
    private final Stat stat;

    Node(byte @Nullable [] data, Stat stat) {
      this.data = data == null ? new byte[0] : data;
      this.stat = stat;
    }

    byte[] data() {
      return data;
    }

    Stat stat() {
      return stat;
    }
  }

  /** Sends one request; its answer completes the future. */
  private interface Request<T> {
    void send(ZooKeeper zooKeeper, CompletableFuture<T> answer);
  }

  Deadline newDeadline() {
    return Deadline.after(limit);
  }

  boolean isConnected() {
    return curator.getZookeeperClient().isConnected();
  }

  List<ACL> acl() {
    return acl;
  }

  /** The session of the moment; it may be another one at the next moment. */
  long sessionId(Deadline deadline) {
    return answered(
        "ask for the session",
        deadline,
        (zooKeeper, answer) -> answer.complete(zooKeeper.getSessionId()));
  }

  /** Waits until our server knows all that was in force when the call began. */
  void sync(String path, Deadline deadline) {
    this.<String>answered(
        "catch up with " + path,
        deadline,
        (zooKeeper, answer) ->
            zooKeeper.sync(path, (code, at, context) -> complete(answer, code, path, path), null));
  }

  /**
   * The node, if it is there.
   *
   * @param watcher is told once when the node changes, goes or comes
   */
  Optional<Node> get(String path, @Nullable Watcher watcher, Deadline deadline) {
    Optional<Node> node = read(path, watcher, deadline);
    // A read that finds nothing leaves no watch behind; asking whether the node exists does.
    return node.isEmpty() && watcher != null && exists(path, watcher, deadline)
        ? read(path, watcher, deadline)
        : node;
  }

  private Optional<Node> read(String path, @Nullable Watcher watcher, Deadline deadline) {
    return found(
        "read " + path,
        deadline,
        (zooKeeper, answer) ->
            zooKeeper.getData(
                path,
                watcher,
                (code, at, context, data, stat) ->
                    complete(answer, code, path, new Node(data, stat)),
                null));
  }

  /** The names of the node's children; none if it is not there. */
  List<String> children(String path, Deadline deadline) {
    Optional<List<String>> names =
        found(
            "list " + path,
            deadline,
            (zooKeeper, answer) ->
                zooKeeper.getChildren(
                    path,
                    false,
                    (int code, String at, Object context, List<String> children) ->
                        complete(answer, code, path, children),
                    null));
    return names.orElse(List.of());
  }

  /** Whether the node is there. */
  boolean exists(String path, Deadline deadline) {
    return exists(path, null, deadline);
  }

  private boolean exists(String path, @Nullable Watcher watcher, Deadline deadline) {
    Optional<Stat> stat =
        found(
            "look for " + path,
            deadline,
            (zooKeeper, answer) ->
                zooKeeper.exists(
                    path,
                    watcher,
                    (code, at, context, found) -> complete(answer, code, path, found),
                    null));
    return stat.isPresent();
  }

  /** Makes the persistent node and those above it, unless they are there. */
  void ensure(String path, Deadline deadline) {
    for (int end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
      create(path.substring(0, end), deadline);
    }
    create(path, deadline);
  }

  private void create(String path, Deadline deadline) {
    if (exists(path, deadline)) {
      return;
    }
    try {
      change(
          "create " + path,
          deadline,
          List.of(Op.create(path, new byte[0], acl, CreateMode.PERSISTENT)));
    } catch (KeeperException.NodeExistsException e) {
      // So it is there, which is all that was asked for.
    } catch (KeeperException e) {
      throw refused("create " + path, e);
    }
  }

  /**
   * Makes the changes, all or none of them, sending them again while the answer gets lost: only for
   * changes that may happen twice.
   *
   * @throws KeeperException if ZooKeeper refuses them
   * @throws TopologyUnavailable if there was no answer in time
   */
  List<OpResult> change(String what, Deadline deadline, List<Op> ops) throws KeeperException {
    return repeat(what, deadline, multi(ops));
  }

  /**
   * Makes the changes, all or none of them; sends them once.
   *
   * @throws KeeperException if ZooKeeper refuses them; if {@link #isAnswerLost} then they may have
   *     been made, or may be made still
   */
  List<OpResult> changeOnce(List<Op> ops, Deadline deadline) throws KeeperException {
    return once(deadline, multi(ops));
  }

  /**
   * Removes nodes that come and go together, all or none: none if one is gone already, which is as
   * good.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  void remove(List<String> paths) {
    String what = "remove " + paths.get(paths.size() - 1);
    try {
      change(what, newDeadline(), paths.stream().map(Unconditional::delete).toList());
    } catch (KeeperException.NoNodeException e) {
      // It is gone, which is all that was asked for.
    } catch (KeeperException e) {
      throw refused(what, e);
    }
  }

  /** Whether the request may have reached ZooKeeper although there is no answer. */
  static boolean isAnswerLost(KeeperException e) {
    return switch (e.code()) {
      case CONNECTIONLOSS, OPERATIONTIMEOUT, REQUESTTIMEOUT, SESSIONEXPIRED, SESSIONMOVED -> true;
      default -> false;
    };
  }

  /** The error for a request that ZooKeeper answered with a refusal. */
  TopologyUnavailable refused(String what, KeeperException e) {
    String reason =
        switch (e.code()) {
          case NOAUTH, AUTHFAILED ->
              "this login is not allowed to; use the identity that set the cluster up";
          case NONODE ->
              "a node above it is missing; if the connect string ends with a path, create that path"
                  + " first";
          default -> String.valueOf(e.getMessage());
        };
    return new TopologyUnavailable(
        "ZooKeeper at %s refused to %s: %s".formatted(connectString, what, reason), e);
  }

  /** Waits a moment before a request is repeated, or fails if the deadline is over. */
  void pauseOrGiveUp(String what, Deadline deadline, @Nullable KeeperException last) {
    if (deadline.isOver()) {
      throw new TopologyUnavailable(
          "ZooKeeper at %s gave no answer within %s ms to the request to %s"
              .formatted(connectString, deadline.limit().toMillis(), what),
          last);
    }
    long pause = ThreadLocalRandom.current().nextLong(MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS);
    try {
      Thread.sleep(Math.min(pause, deadline.remainingMillis()));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static Request<List<OpResult>> multi(List<Op> ops) {
    return (zooKeeper, answer) ->
        zooKeeper.multi(
            ops, (code, at, context, results) -> complete(answer, code, at, results), null);
  }

  private <T> Optional<T> found(String what, Deadline deadline, Request<T> request) {
    try {
      return Optional.of(repeat(what, deadline, request));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    } catch (KeeperException e) {
      throw refused(what, e);
    }
  }

  private <T> T answered(String what, Deadline deadline, Request<T> request) {
    try {
      return repeat(what, deadline, request);
    } catch (KeeperException e) {
      throw refused(what, e);
    }
  }

  private <T> T repeat(String what, Deadline deadline, Request<T> request) throws KeeperException {
    while (true) {
      try {
        return once(deadline, request);
      } catch (KeeperException e) {
        if (!isAnswerLost(e)) {
          throw e;
        }
        pauseOrGiveUp(what, deadline, e);
      }
    }
  }

  private <T> T once(Deadline deadline, Request<T> request) throws KeeperException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    request.send(zooKeeper(), answer);
    try {
      return answer.get(deadline.remainingMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw KeeperException.create(Code.REQUESTTIMEOUT);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KeeperException refusal) {
        throw refusal;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private ZooKeeper zooKeeper() throws KeeperException {
    try {
      return curator.getZookeeperClient().getZooKeeper();
    } catch (KeeperException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (Exception e) {
      // Curator could not make a new handle just now, for example because no host name resolves.
      KeeperException lost = KeeperException.create(Code.CONNECTIONLOSS);
      lost.initCause(e);
      throw lost;
    }
  }

  private TopologyUnavailable interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new TopologyUnavailable(
        "interrupted while waiting for ZooKeeper at " + connectString, e);
  }

  private static <T> void complete(
      CompletableFuture<T> answer, int code, @Nullable String path, T value) {
    if (code == Code.OK.intValue()) {
      answer.complete(value);
    } else {
      answer.completeExceptionally(KeeperException.create(Code.get(code), path));
    }
  }
}

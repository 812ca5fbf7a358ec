package dev.shardwright.topology.zookeeper;

import com.google.common.primitives.Ints;
import dev.shardwright.TopologyUnavailable;
import dev.shardwright.topology.TopologyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;

/**
 * One cluster in ZooKeeper: its topology, its routers, its leader. Keeps one session, and finds its
 * way back to ZooKeeper by itself for as long as it is open. Thread-safe.
 */
public final class ZooKeeperCluster implements AutoCloseable {
  private final Connection connection;
  private final CuratorFramework curator;
  private final Requests requests;
  private final ClusterPaths paths;
  private final ZooKeeperTopologyStore store;
  private final LeaderElection election;
  private final Set<RouterMembership> memberships = ConcurrentHashMap.newKeySet();

  private ZooKeeperCluster(Connection connection, Requests requests, ClusterPaths paths) {
    this.connection = connection;
    this.curator = connection.curator();
    this.requests = requests;
    this.paths = paths;
    this.store = new ZooKeeperTopologyStore(curator, requests, paths);
    this.election = new LeaderElection(curator, requests, paths);
  }

  /**
   * Connects, with {@link ZooKeeperOptions#DEFAULTS}.
   *
   * @throws TopologyUnavailable if ZooKeeper cannot be reached in time
   */
  public static ZooKeeperCluster connect(String connectString, String cluster) {
    return connect(connectString, cluster, ZooKeeperOptions.DEFAULTS);
  }

  /**
   * Connects; the cluster need not be set up yet.
   *
   * @param connectString {@code host:port}, several divided by commas, and at the end the path
   *     below which everything is kept, if that is not the root
   * @param cluster a lower-case letter, then up to 62 lower-case letters, digits, hyphens or
   *     underscores
   * @throws IllegalArgumentException if the connect string or the cluster's name is not valid
   * @throws TopologyUnavailable if ZooKeeper cannot be reached in time
   */
  public static ZooKeeperCluster connect(
      String connectString, String cluster, ZooKeeperOptions options) {
    ClusterPaths paths = new ClusterPaths(cluster);
    Connection connection = Connection.open(connectString, options);
    Requests requests =
        new Requests(
            connection.curator(),
            connectString,
            options.requestDeadline(),
            Connection.acl(options));
    return new ZooKeeperCluster(connection, requests, paths);
  }

  /** The topology of this cluster: each call answers the same store, which is closed with this. */
  public TopologyStore topologyStore() {
    return store;
  }

  /** The election of this cluster's leader. */
  public LeaderElection election() {
    return election;
  }

  /** What routers acknowledge of range moves. */
  public MoveAcknowledgements acknowledgements() {
    return new MoveAcknowledgements(requests, paths);
  }

  /** The journals of migrations. */
  public MigrationDocuments migrations() {
    return new MigrationDocuments(requests, paths);
  }

  /** The load that routers report. */
  public RouterLoads loads() {
    return new RouterLoads(requests, paths);
  }

  /** Whether there is a connection to ZooKeeper now. */
  public boolean isConnected() {
    return requests.isConnected();
  }

  /**
   * Registers a router, until the membership is closed.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public RouterMembership join(RouterDescription description) {
    Deadline deadline = requests.newDeadline();
    int number = numbers(paths.routers()).next("a router number", deadline);
    RouterMembership membership =
        new RouterMembership(
            curator, requests, paths.router(number), number, description, memberships::remove);
    memberships.add(membership);
    try {
      membership.begin(deadline);
      return membership;
    } catch (TopologyUnavailable e) {
      membership.close();
      throw e;
    }
  }

  /**
   * The routers that are registered now, in the order of numbers.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public List<RegisteredRouter> routers() {
    Deadline deadline = requests.newDeadline();
    List<RegisteredRouter> routers = new ArrayList<>();
    for (int number : routerNumbers(deadline)) {
      String path = paths.router(number);
      requests
          .get(path, null, deadline)
          .ifPresent(node -> routers.add(RegisteredRouter.decode(number, node.data(), path)));
    }
    return List.copyOf(routers);
  }

  /**
   * Waits until our server knows all that was in force when the call began: what is asked after
   * this is answered by that, or by something newer.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void catchUp() {
    requests.sync(paths.routers(), requests.newDeadline());
  }

  /**
   * Takes a router off the list, in the place of one that does not follow the topology. It comes
   * back by itself when it does again.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void unregister(int router) {
    requests.remove(List.of(paths.router(router)));
  }

  /**
   * The numbers of the routers that are registered, as far as our server knows: one request,
   * however many there are.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public SortedSet<Integer> routerNumbers() {
    return routerNumbers(requests.newDeadline());
  }

  private SortedSet<Integer> routerNumbers(Deadline deadline) {
    return requests.children(paths.routers(), deadline).stream()
        .flatMap(name -> Stream.ofNullable(Ints.tryParse(name))) // others are somebody else's
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The last numbers that were given to routers, migrations and leaders.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public GivenNumbers givenNumbers() {
    Deadline deadline = requests.newDeadline();
    return new GivenNumbers(
        numbers(paths.routers()).last(deadline),
        numbers(paths.migrations()).last(deadline),
        numbers(paths.leader()).last(deadline));
  }

  /**
   * Gives none of these numbers, nor a lower one, from now on: after everything was lost, routers
   * and databases still know the old ones.
   *
   * @throws TopologyUnavailable if ZooKeeper gives no answer in time, or refuses
   */
  public void skip(GivenNumbers given) {
    numbers(paths.routers()).skip(given.router());
    numbers(paths.migrations()).skip(given.migration());
    numbers(paths.leader()).skip(given.leader());
  }

  /** Ends all subscriptions, candidacies, memberships, and the session. Safe to call twice. */
  @Override
  public void close() {
    election.close();
    memberships.forEach(RouterMembership::close);
    store.close();
    connection.close();
  }

  private Numbers numbers(String path) {
    return new Numbers(requests, path);
  }
}

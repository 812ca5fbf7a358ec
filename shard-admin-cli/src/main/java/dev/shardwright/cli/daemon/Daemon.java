package dev.shardwright.cli.daemon;

import dev.shardwright.cli.daemon.web.Access;
import dev.shardwright.cli.daemon.web.ListenAddress;
import dev.shardwright.cli.daemon.web.Web;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/** A daemon at work: what it is made of, from the start to the end. */
final class Daemon implements AutoCloseable {
  private final Deque<Runnable> toClose = new ArrayDeque<>();
  private final String candidate =
      "shard-admin serve, process %d, %s"
          .formatted(ProcessHandle.current().pid(), UUID.randomUUID());
  private final Web web;

  private Daemon(Session session, ListenAddress address, Access access) {
    try {
      PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      toClose.push(meters::close);
      ZooKeeperCluster cluster = session.cluster();
      toClose.push(cluster::close);
      cluster.topologyStore().read(); // there is no use in a daemon of a cluster that is not set up
      Rebalancer rebalancer = session.rebalancer(meters);
      toClose.push(rebalancer::close);
      web =
          Web.start(
              address,
              access,
              new ClusterApi(session.settings().cluster(), candidate, cluster),
              meters::scrape);
      toClose.push(web::close);
      rebalancer.campaign(candidate);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Connects, listens, and stands for election.
   *
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper cannot be reached in time
   * @throws dev.shardwright.cli.session.NotDone if it cannot listen there
   */
  static Daemon start(Session session, ListenAddress address, Access access) {
    return new Daemon(session, address, access);
  }

  /** Where it listens. */
  ListenAddress address() {
    return web.address();
  }

  /** Steps down; what was under way is left for the next leader. Safe to call twice. */
  @Override
  public void close() {
    while (!toClose.isEmpty()) {
      toClose.pop().run();
    }
  }
}

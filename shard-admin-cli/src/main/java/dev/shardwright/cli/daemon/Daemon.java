package dev.shardwright.cli.daemon;

import dev.shardwright.cli.daemon.web.Access;
import dev.shardwright.cli.daemon.web.ListenAddress;
import dev.shardwright.cli.daemon.web.Web;
import dev.shardwright.cli.session.Session;
import dev.shardwright.rebalance.Rebalancer;
import dev.shardwright.topology.zookeeper.ZooKeeperCluster;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A daemon at work: what it is made of, from the start to the end. */
final class Daemon implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(3);

  private final Deque<Runnable> toClose = new ArrayDeque<>();
  private final String candidate =
      "shard-admin serve, process %d, %s"
          .formatted(ProcessHandle.current().pid(), UUID.randomUUID());
  private final Web web;

  private Daemon(Session session, ListenAddress address, Access access, Duration sampleEvery) {
    try {
      Clock clock = Clock.systemUTC();
      String name = session.settings().cluster();
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      toClose.push(registry::close);
      registry.config().commonTags("cluster", name);
      ZooKeeperCluster cluster = session.cluster();
      toClose.push(cluster::close);
      cluster.topologyStore().read(); // there is no use in a daemon of a cluster that is not set up
      Rebalancer rebalancer = session.rebalancer(registry);
      toClose.push(rebalancer::close);
      DaemonMeters meters =
          new DaemonMeters(registry, name, candidate, cluster::isConnected, clock);
      Sampler sampler =
          new Sampler(rebalancer, session.admin(cluster.topologyStore()), meters, clock);
      Watch watch = new Watch(cluster, rebalancer, sampler, meters, clock);
      web =
          Web.start(
              address,
              access,
              new ClusterApi(name, candidate, cluster, rebalancer, sampler, watch),
              registry::scrape);
      toClose.push(web::close);
      rebalancer.campaign(candidate);
      repeat("shardwright-sampler", sampleEvery, sampler::sample);
      repeat("shardwright-watch", LOOK_EVERY, watch::look);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void repeat(String thread, Duration every, Runnable task) {
    Repeating repeating = Repeating.start(thread, every, task);
    toClose.push(repeating::close);
  }

  /**
   * Connects, listens, and stands for election.
   *
   * @throws dev.shardwright.TopologyUnavailable if ZooKeeper cannot be reached in time
   * @throws dev.shardwright.cli.session.NotDone if it cannot listen there
   */
  static Daemon start(Session session, ListenAddress address, Access access, Duration sampleEvery) {
    return new Daemon(session, address, access, sampleEvery);
  }

  /** Where it listens. */
  ListenAddress address() {
    return web.address();
  }

  /** Steps down; what was under way is left for the next leader. Safe to call twice. */
  @Override
  public void close() {
    @Nullable RuntimeException failure = null;
    while (!toClose.isEmpty()) {
      try {
        toClose.pop().run();
      } catch (RuntimeException e) { // what comes after it must be closed all the same
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

package dev.shardwright.rebalance;

import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.ZooKeeperServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Ways to servers on which the effects of whoever takes them are counted. */
final class Detours implements AutoCloseable {
  private final List<EffectProxy> proxies = new ArrayList<>();
  private final Sites sites;
  private final String zooKeeper;

  Detours(PostgresServer first, PostgresServer second, Effects effects) {
    Map<String, String> ways = new HashMap<>();
    for (PostgresServer server : List.of(first, second)) {
      ways.put(
          server.host() + ":" + server.port(),
          by(server.host(), server.port(), PostgresDialogue::new, effects));
    }
    sites = Sites.on(first, second).by(address -> ways.getOrDefault(address, address));
    String root = sites.zooKeeper().substring(sites.zooKeeper().indexOf('/'));
    zooKeeper =
        by("127.0.0.1", ZooKeeperServer.shared().port(), ZooKeeperDialogue::new, effects) + root;
  }

  private String by(
      String host, int port, Supplier<EffectProxy.Dialogue> dialogues, Effects effects) {
    EffectProxy proxy = EffectProxy.to(host, port, dialogues, effects);
    proxies.add(proxy);
    return proxy.address();
  }

  /** Where a cluster is whose topology leads movers to both databases by detours. */
  Sites sites() {
    return sites;
  }

  /** How a mover connects to ZooKeeper by one. */
  String zooKeeper() {
    return zooKeeper;
  }

  @Override
  public void close() {
    proxies.forEach(EffectProxy::close);
  }
}

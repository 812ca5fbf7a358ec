package dev.shardwright.testkit.junit;

import dev.shardwright.testkit.ZooKeeperServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A ZooKeeper server of a test class's own, for tests that stop it or expire sessions:
 *
 * <pre>{@code
 * @RegisterExtension static final ZooKeeperExtension zooKeeper = new ZooKeeperExtension();
 * }</pre>
 *
 * <p>Register it in a static field: it starts before the class and ends after it.
 */
public final class ZooKeeperExtension implements BeforeAllCallback, AfterAllCallback {
  private @Nullable ZooKeeperServer server;

  /** Starts nothing yet. */
  public ZooKeeperExtension() {}

  /** The server, while the test class runs. */
  public ZooKeeperServer server() {
    if (server == null) {
      throw new IllegalStateException(
          "the ZooKeeper server lives from before the test class to its end;"
              + " is the extension in a static field with @RegisterExtension?");
    }
    return server;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    server = ZooKeeperServer.start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    server().close();
    server = null;
  }
}

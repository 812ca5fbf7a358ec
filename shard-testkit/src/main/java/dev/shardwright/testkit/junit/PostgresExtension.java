package dev.shardwright.testkit.junit;

import dev.shardwright.testkit.LeakCheck;
import dev.shardwright.testkit.PostgresOptions;
import dev.shardwright.testkit.PostgresServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A PostgreSQL server of a test class's own, for tests that stop, kill or freeze it:
 *
 * <pre>{@code
 * @RegisterExtension static final PostgresExtension postgres = new PostgresExtension();
 * }</pre>
 *
 * <p>Register it in a static field: it starts before the class and ends after it. A connection that
 * the class leaves open fails the class.
 */
public final class PostgresExtension implements BeforeAllCallback, AfterAllCallback {
  private final PostgresOptions options;
  private @Nullable PostgresServer server;

  /** A server with the usual options. */
  public PostgresExtension() {
    this(PostgresOptions.DEFAULTS);
  }

  /** A server with options. */
  public PostgresExtension(PostgresOptions options) {
    this.options = options;
  }

  /** The server, while the test class runs. */
  public PostgresServer server() {
    if (server == null) {
      throw new IllegalStateException(
          "the PostgreSQL server lives from before the test class to its end;"
              + " is the extension in a static field with @RegisterExtension?");
    }
    return server;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    server = PostgresServer.start(options);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    try (PostgresServer ending = server()) {
      server = null;
      if (ending.running()) {
        ending.thaw();
        LeakCheck.checkNoConnections(ending, Patience.of(context));
      }
    }
  }
}

package dev.shardwright.testkit.junit;

import dev.shardwright.testkit.LeakCheck;
import dev.shardwright.testkit.PostgresServer;
import dev.shardwright.testkit.TestDatabase;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An empty database for a test class, on the server that all tests of the JVM share: a cheap shard.
 *
 * <pre>{@code
 * @RegisterExtension static final DatabaseExtension shard = new DatabaseExtension();
 * }</pre>
 *
 * <p>Register it in a static field: it is made before the class and dropped after it. A connection
 * that the class leaves open fails the class.
 */
public final class DatabaseExtension implements BeforeAllCallback, AfterAllCallback {
  private @Nullable TestDatabase database;

  /** Makes nothing yet. */
  public DatabaseExtension() {}

  /** The database, while the test class runs. */
  public TestDatabase database() {
    if (database == null) {
      throw new IllegalStateException(
          "the database lives from before the test class to its end;"
              + " is the extension in a static field with @RegisterExtension?");
    }
    return database;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws SQLException {
    database = PostgresServer.shared().freshDatabase();
  }

  @Override
  public void afterAll(ExtensionContext context) throws SQLException {
    try (TestDatabase ending = database()) {
      database = null;
      LeakCheck.checkNoConnections(ending, Patience.of(context));
    }
  }
}

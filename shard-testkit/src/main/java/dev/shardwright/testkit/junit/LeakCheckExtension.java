package dev.shardwright.testkit.junit;

import dev.shardwright.testkit.LeakCheck;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails a test class that leaves threads, listening sockets, or connections to the shared
 * PostgreSQL server behind; see {@link LeakCheck}.
 *
 * <pre>{@code
 * @ExtendWith(LeakCheckExtension.class)
 * class OrdersTest { … }
 * }</pre>
 *
 * <p>On the class, before other extensions: then it looks after they have cleaned up. It waits five
 * seconds for what is about to end, or as JUnit's configuration parameter {@code
 * shardwright.test.leak.patience.millis} says.
 */
public final class LeakCheckExtension implements BeforeAllCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(LeakCheckExtension.class);

  /** Made by JUnit. */
  public LeakCheckExtension() {}

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getStore(NAMESPACE)
        .put(context.getUniqueId(), LeakCheck.begin().withPatience(Patience.of(context)));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    LeakCheck check = context.getStore(NAMESPACE).remove(context.getUniqueId(), LeakCheck.class);
    if (check != null) { // null where the class failed before this extension had its turn
      check.check();
    }
  }
}

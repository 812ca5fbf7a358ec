package dev.shardwright.testkit.junit;

import dev.shardwright.testkit.LeakCheck;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;

/** How long the extensions wait for what is about to end, before they call it a leak. */
final class Patience {
  /** JUnit's configuration parameter; in milliseconds. */
  static final String PARAMETER = "shardwright.test.leak.patience.millis";

  private Patience() {}

  static Duration of(ExtensionContext context) {
    return context
        .getConfigurationParameter(PARAMETER, Long::valueOf)
        .map(Duration::ofMillis)
        .orElse(LeakCheck.DEFAULT_PATIENCE);
  }
}

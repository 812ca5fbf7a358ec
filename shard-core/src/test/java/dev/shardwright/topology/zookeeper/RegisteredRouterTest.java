package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.topology.Epoch;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RegisteredRouterTest {
  private static final RegisteredRouter ROUTER =
      new RegisteredRouter(3, new RouterDescription("app-1", 77, "1.0", true), Epoch.NONE);

  @Test
  void readsWhatItHasWritten() {
    assertThat(RegisteredRouter.decode(3, ROUTER.encode(), "/routers/3")).isEqualTo(ROUTER);
  }

  @Test
  void refusesAnEpochThatCannotBe() {
    String document =
        new String(ROUTER.encode(), StandardCharsets.UTF_8).replace("\"epoch\":0", "\"epoch\":-1");
    assertThatThrownBy(
            () ->
                RegisteredRouter.decode(3, document.getBytes(StandardCharsets.UTF_8), "/routers/3"))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("/routers/3")
        .hasMessageContaining("epoch -1 is negative");
  }
}

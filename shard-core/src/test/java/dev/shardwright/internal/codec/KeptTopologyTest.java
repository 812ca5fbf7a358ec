package dev.shardwright.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.topology.TestTopologies;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeptTopologyTest {
  private static final KeptTopology KEPT =
      new KeptTopology("prod", TestTopologies.everything(), 5, 6, Integer.MAX_VALUE);

  @Test
  void readsWhatItHasWritten() {
    assertThat(KeptTopology.decode(KEPT.encode(), "kept.json")).isEqualTo(KEPT);
  }

  @Test
  void refusesANumberThatNobodyWasGiven() {
    String document =
        new String(KEPT.encode(), StandardCharsets.UTF_8)
            .replace("\"lastRouter\":5", "\"lastRouter\":4294967301");
    assertThatThrownBy(
            () -> KeptTopology.decode(document.getBytes(StandardCharsets.UTF_8), "kept.json"))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("field 'lastRouter' is out of range: 4294967301");
  }
}

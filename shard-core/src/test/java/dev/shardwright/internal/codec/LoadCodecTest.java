package dev.shardwright.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.TopologyUnavailable;
import dev.shardwright.internal.codec.LoadReport.RingLoad;
import dev.shardwright.ring.KeyRange;
import dev.shardwright.topology.Region;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadCodecTest {
  private static final LoadReport REPORT =
      new LoadReport(
          Duration.ofSeconds(30),
          List.of(
              new RingLoad(
                  "shop",
                  Region.ALL,
                  100,
                  new TreeMap<>(
                      Map.of(
                          new KeyRange(Long.MIN_VALUE, -1), 48L,
                          new KeyRange(0, Long.MAX_VALUE), 32L))),
              new RingLoad("users", Region.of("eu"), 16, new TreeMap<>())));

  @Test
  void readsWhatItWrote() {
    assertThat(LoadCodec.decode(LoadCodec.encode(REPORT), "/load")).isEqualTo(REPORT);
  }

  @Test
  void isJson() {
    assertThat(new String(LoadCodec.encode(REPORT), StandardCharsets.UTF_8))
        .startsWith("{\"format\":1,\"minimumReader\":1,\"periodMillis\":30000,\"rings\":[")
        .contains("\"busiest\":[\"-9223372036854775808 -1 48\",\"0 9223372036854775807 32\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 2", "a b c", "2 1 5", "1 2 3 4", "1 2 9223372036854775808"})
  void refusesWhatIsNoVirtualNodeWithACount(String node) {
    String document =
        new String(LoadCodec.encode(REPORT), StandardCharsets.UTF_8)
            .replace("0 9223372036854775807 32", node);
    assertThatThrownBy(() -> LoadCodec.decode(document.getBytes(StandardCharsets.UTF_8), "/load"))
        .isInstanceOf(TopologyUnavailable.class)
        .hasMessageContaining("/load");
  }
}

package dev.shardwright.cli.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ListenAddressTest {
  @Test
  void readsHostAndPortAndWritesThemAgain() {
    for (String text :
        List.of("127.0.0.1:8470", "[::1]:8470", "localhost:0", "db-1.example:65535")) {
      assertThat(ListenAddress.of(text)).hasToString(text);
    }
    assertThat(ListenAddress.of("[::1]:8470").host()).isEqualTo("::1");
  }

  @Test
  void whatIsNoAddressIsRefusedWithWhatWouldBe() {
    for (String text :
        List.of("", "8470", ":8470", "127.0.0.1", "::1:8470", "a b:1", "host:-1", "h:x")) {
      assertThatThrownBy(() -> ListenAddress.of(text))
          .as(text)
          .hasMessageContaining("127.0.0.1:8470");
    }
    assertThatThrownBy(() -> ListenAddress.of("localhost:65536"))
        .hasMessageContaining("1 to 65535");
  }

  @Test
  void atLoopbackOnlyOurOwnNamesAreTaken() {
    ListenAddress address = ListenAddress.of("127.0.0.1:8470");
    for (String host : List.of("127.0.0.1:8470", "localhost:8470", "[::1]:8470")) {
      assertThat(address.isNamedBy(host)).as(host).isTrue();
    }
    for (String host :
        List.of(
            "evil.example:8470",
            "127.0.0.1:8471",
            "127.0.0.1",
            "localhost",
            "localhost.evil.example:8470",
            "evil.example?localhost:8470",
            "")) {
      assertThat(address.isNamedBy(host)).as(host).isFalse();
    }
    assertThat(address.isNamedBy(null)).isFalse();
    assertThat(ListenAddress.of("127.0.0.2:8470").isNamedBy("127.0.0.2:8470")).isTrue();
    assertThat(ListenAddress.of("10.0.0.7:8470").isNamedBy("shards.example")).isTrue();
  }

  @Test
  void knowsWhatOthersCannotReach() {
    assertThat(List.of("127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"))
        .allMatch(text -> ListenAddress.of(text).isLoopback());
    assertThat(List.of("0.0.0.0:1", "[::]:1", "127.example:1", "10.0.0.7:1"))
        .noneMatch(text -> ListenAddress.of(text).isLoopback());
  }
}

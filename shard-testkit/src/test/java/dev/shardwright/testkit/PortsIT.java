package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void givesAPortToOneJvmOnlyUntilItIsGivenBack() {
    int port = Ports.free();
    assertThat(Ports.take(port)).isFalse();
    assertThat(anotherJvmMayTake(port)).isFalse();
    Ports.release(port);
    assertThat(anotherJvmMayTake(port)).as("and has ended with it").isTrue();
    assertThat(Ports.take(port)).isTrue();
    Ports.release(port);
    Ports.release(port);
  }

  @Test
  void givesNoPortThatSomebodyListensOn() throws IOException {
    int port = Ports.free();
    Ports.release(port);
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(Ports.take(socket.getLocalPort())).isFalse();
    }
  }

  private static boolean anotherJvmMayTake(int port) {
    try (ChildJvm jvm = ChildJvm.start(List.of(), PortOfAnotherJvm.class, Integer.toString(port))) {
      boolean taken = Boolean.parseBoolean(jvm.hear(PATIENCE));
      jvm.awaitEnd();
      return taken;
    }
  }
}

package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmEndIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path temporary;

  JvmEndIT(@TempDir Path temporary) {
    this.temporary = temporary;
  }

  @Test
  void leavesNoServerAndNoFileWhenAJvmEndsWithoutClosing() throws Exception {
    try (ChildJvm jvm =
            ChildJvm.start(List.of("-Djava.io.tmpdir=" + temporary), ServersOfAnotherJvm.class);
        Scanner ports = new Scanner(jvm.hear(PATIENCE))) {
      assertThat(jvm.awaitEnd()).isZero();
      assertThat(listening(ports.nextInt())).isFalse();
      assertThat(listening(ports.nextInt())).isFalse();
    }
    assertThat(files()).noneMatch(name -> name.startsWith("shardwright-"));
  }

  private Set<String> files() throws IOException {
    try (var files = Files.list(temporary)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static boolean listening(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (ConnectException e) {
      return false;
    }
  }
}

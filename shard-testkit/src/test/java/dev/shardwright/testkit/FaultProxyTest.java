package dev.shardwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
  private static final int SILENCE_MILLIS = 150;

  private EchoServer server;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new EchoServer();
    proxy = FaultProxy.to("127.0.0.1", server.port());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void carriesBytesBothWays() throws IOException {
    try (Socket client = connect()) {
      assertThat(echo(client, 7)).isEqualTo(7);
      assertThat(proxy.connections()).isEqualTo(1);
    }
    await().until(() -> proxy.connections() == 0);
  }

  @Test
  void carriesAllThatWasSentBeforeTheEnd() throws IOException {
    byte[] sent = new byte[1_000_000];
    new java.util.Random(1).nextBytes(sent);
    try (Socket client = connect()) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  client.getOutputStream().write(sent);
                  client.shutdownOutput();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      writer.start();
      assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
    }
  }

  @Test
  void delaysBytesInEachDirection() throws IOException {
    try (Socket client = connect()) {
      proxy.delay(Duration.ofMillis(60));
      long start = System.nanoTime();
      echo(client, 1);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(Duration.ofMillis(120));
      proxy.heal();
      assertThat(echo(client, 2)).isEqualTo(2);
    }
  }

  @Test
  void resetsAndRefusesWhenCutUntilHealed() throws IOException {
    try (Socket client = connect()) {
      echo(client, 1);
      proxy.cut();
      assertThatThrownBy(() -> echo(client, 2)).isInstanceOf(SocketException.class);
      assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }
    proxy.heal();
    try (Socket client = connect()) {
      assertThat(echo(client, 3)).isEqualTo(3);
    }
  }

  @Test
  void canBeCutAndHealedInQuickSuccession() throws IOException {
    for (int round = 0; round < 200; round++) {
      proxy.cut();
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      proxy.heal();
    }
    try (Socket client = connect()) {
      assertThat(echo(client, 1)).isEqualTo(1);
    }
  }

  @Test
  void canBeCutWhileFrozen() throws IOException {
    proxy.freeze();
    try (Socket waiting = connect()) {
      proxy.cut();
      assertThatThrownBy(() -> echo(waiting, 1)).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void keepsConnectionsAndBytesWhileFrozen() throws IOException {
    try (Socket client = connect()) {
      echo(client, 1);
      proxy.freeze();
      client.getOutputStream().write(2);
      assertSilent(client);
      assertThat(server.received()).isEqualTo(1);
      proxy.heal();
      assertThat(client.getInputStream().read()).isEqualTo(2);
    }
  }

  @Test
  void leavesNewConnectionsWithoutAnAnswerWhileFrozen() throws IOException {
    proxy.freeze();
    try (Socket client = connect()) {
      client.getOutputStream().write(9);
      assertSilent(client);
      proxy.heal();
      assertThat(client.getInputStream().read()).isEqualTo(9);
    }
  }

  @Test
  void letsRequestsThroughWhileItHoldsResponses() throws IOException {
    try (Socket client = connect()) {
      proxy.freezeResponses();
      client.getOutputStream().write(5);
      await().until(() -> server.received() == 1);
      assertSilent(client);
      proxy.heal();
      assertThat(client.getInputStream().read()).isEqualTo(5);
    }
  }

  @Test
  void losesSwallowedResponsesAndResetsTheirConnectionsWhenHealed() throws IOException {
    try (Socket client = connect();
        Socket idle = connect()) {
      echo(idle, 1);
      proxy.swallowResponses();
      client.getOutputStream().write(5);
      await().until(() -> server.received() == 2);
      assertSilent(client);
      proxy.heal();
      assertThatThrownBy(() -> echo(client, 6)).isInstanceOf(SocketException.class);
      assertThat(echo(idle, 7)).isEqualTo(7);
    }
  }

  @Test
  void cutsInPlaceOfTheNextResponseOnce() throws IOException {
    try (Socket client = connect();
        Socket another = connect()) {
      proxy.cutOnNextResponse();
      assertThatThrownBy(() -> echo(client, 1)).isInstanceOf(SocketException.class);
      assertThat(server.received()).isEqualTo(1);
      assertThat(echo(another, 2)).isEqualTo(2);
    }
  }

  @Test
  void breaksConnectionsWhenTheServerIsAway() throws IOException {
    server.close();
    assertThatThrownBy(
            () -> {
              try (Socket client = connect()) { // the reset may come as early as here
                echo(client, 1);
              }
            })
        .isInstanceOf(SocketException.class);
  }

  @Test
  void leavesNoThreadAndNoPortWhenClosedTwice() throws IOException {
    try (Socket client = connect()) {
      echo(client, 1);
      proxy.freeze();
      proxy.close();
      proxy.close();
    }
    await().until(() -> threads() == 0);
    assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
  }

  @Test
  void refusesANegativeDelay() {
    assertThatThrownBy(() -> proxy.delay(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fault-proxy-" + proxy.port() + "-"))
        .count();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(proxy.host(), proxy.port()), 5_000);
    socket.setSoTimeout(5_000);
    return socket;
  }

  private static int echo(Socket client, int value) throws IOException {
    client.getOutputStream().write(value);
    int answer = client.getInputStream().read();
    if (answer < 0) {
      throw new SocketException("the connection has ended");
    }
    return answer;
  }

  /** That nothing comes can only be seen by waiting a little. */
  private static void assertSilent(Socket client) throws IOException {
    client.setSoTimeout(SILENCE_MILLIS);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    client.setSoTimeout(5_000);
  }
}

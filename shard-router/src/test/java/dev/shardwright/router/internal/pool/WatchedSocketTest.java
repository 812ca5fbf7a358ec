package dev.shardwright.router.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shardwright.router.Background;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchedSocketTest {
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final long TIMEOUT_NANOS = TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);

  /** Deadlines are that coarse. */
  private static final long GRAIN_NANOS = 3;

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - TIMEOUT_NANOS / 2);
  private final SocketWatch watch = SocketWatch.by(now::get);
  private ServerSocket server;
  private WatchedSocket client;
  private Socket peer;

  @BeforeEach
  void connect() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    client = watch.newSocket();
    client.connect(server.getLocalSocketAddress(), TIMEOUT_MILLIS);
    peer = server.accept();
    client.setSoTimeout(TIMEOUT_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    watch.close();
    peer.close();
    server.close();
  }

  @Test
  void endsAReadWhoseAnswerIsOverdueAndNotBefore() throws Exception {
    client.getOutputStream().write(1);
    CompletableFuture<Integer> answer = reading();
    await().until(client::isWatched);
    now.addAndGet(TIMEOUT_NANOS - 1);
    watch.look();
    assertThat(answer).isNotDone();
    assertThat(client.isClosed()).isFalse();
    now.addAndGet(1 + GRAIN_NANOS);
    watch.look();
    assertTimesOut(() -> answer.get(10, TimeUnit.SECONDS));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void leavesAloneWhatGotItsAnswer() throws Exception {
    for (int question = 1; question < 4; question++) {
      client.getOutputStream().write(question);
      CompletableFuture<Integer> answer = reading();
      await().until(client::isWatched);
      now.addAndGet(TIMEOUT_NANOS - 1);
      watch.look();
      peer.getOutputStream().write(question);
      assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(question);
      assertThat(client.isWatched()).isFalse();
      now.addAndGet(TIMEOUT_NANOS);
      watch.look();
    }
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void endsAWriteThatTheNetworkDoesNotTake() {
    byte[] more = new byte[64 << 20];
    CompletableFuture<Void> writing =
        Background.run(
            () -> {
              try {
                client.getOutputStream().write(more);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    await()
        .untilAsserted(
            () -> {
              now.addAndGet(TIMEOUT_NANOS);
              watch.look();
              assertThat(writing).isDone();
            });
    assertTimesOut(writing::get);
  }

  @Test
  void endsAConnectThatNobodyAnswers() throws IOException {
    List<Socket> inLine = new ArrayList<>();
    try {
      assertTimesOut(
          () -> {
            for (int i = 0; i < 100; i++) {
              Socket next = new Socket();
              inLine.add(next);
              next.connect(server.getLocalSocketAddress(), 200);
            }
          });
      WatchedSocket late = watch.newSocket();
      CompletableFuture<Void> connecting =
          Background.run(
              () -> {
                try {
                  late.connect(server.getLocalSocketAddress(), TIMEOUT_MILLIS);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      await().until(late::isWatched);
      now.addAndGet(TIMEOUT_NANOS + GRAIN_NANOS);
      watch.look();
      assertTimesOut(() -> connecting.get(10, TimeUnit.SECONDS));
    } finally {
      for (Socket socket : inLine) {
        socket.close();
      }
    }
  }

  @Test
  void survivesATimeoutWhereItOnlyListens() throws Exception {
    client.getOutputStream().write(1);
    assertThat(peer.getInputStream().read()).isEqualTo(1);
    client.setSoTimeout(WatchedSocket.WATCHED_MILLIS);
    assertTimesOut(() -> reading().get(10, TimeUnit.SECONDS));
    peer.getOutputStream().write(2);
    assertThat(reading().get(10, TimeUnit.SECONDS)).isEqualTo(2);
  }

  @Test
  void survivesAShortLookInTheMiddleOfAQuestion() throws Exception {
    client.setSoTimeout(1);
    client.getOutputStream().write(1);
    assertTimesOut(() -> reading().get(10, TimeUnit.SECONDS));
    client.setSoTimeout(TIMEOUT_MILLIS);
    peer.getOutputStream().write(2);
    assertThat(reading().get(10, TimeUnit.SECONDS)).isEqualTo(2);
  }

  @Test
  void tellsTheTimeoutThatWasSet() throws SocketException {
    assertThat(client.getSoTimeout()).isEqualTo(TIMEOUT_MILLIS);
    client.setSoTimeout(0);
    assertThat(client.getSoTimeout()).isEqualTo(0);
  }

  @Test
  void tellsALossFromATimeout() throws Exception {
    client.getOutputStream().write(1);
    CompletableFuture<Integer> answer = reading();
    await().until(client::isWatched);
    client.close();
    assertThatThrownBy(() -> answer.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseExactlyInstanceOf(SocketException.class);
  }

  @Test
  void closesWhatIsLeftWhenTheWatchEnds() {
    watch.close();
    watch.close();
    assertThat(client.isClosed()).isTrue();
    Properties properties = new Properties();
    WatchedSocketFactory.use(watch, properties);
    assertThatThrownBy(() -> new WatchedSocketFactory(properties))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void endsItsThread() {
    SocketWatch started = SocketWatch.start("ends-its-thread");
    assertThat(watching("ends-its-thread")).isTrue();
    started.close();
    await().until(() -> !watching("ends-its-thread"));
  }

  @Test
  void isOnlyOfferedToADriverThatSeesIt() {
    assertThat(WatchedSocketFactory.visibleTo(getClass().getClassLoader())).isTrue();
    assertThat(WatchedSocketFactory.visibleTo(ClassLoader.getPlatformClassLoader())).isFalse();
  }

  private CompletableFuture<Integer> reading() {
    return Background.supply(
        () -> {
          try {
            return client.getInputStream().read();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static boolean watching(String cluster) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("shardwright-watch-" + cluster));
  }

  private static void assertTimesOut(ThrowingCallable wait) {
    assertThatThrownBy(wait)
        .satisfies(
            failure -> {
              Throwable last = failure;
              while (last.getCause() != null) {
                last = last.getCause();
              }
              assertThat(last).isInstanceOf(SocketTimeoutException.class);
            });
  }
}

package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.cli.CliCluster.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code serve} on a thread of its own, and what can be asked of it. */
final class RunningDaemon implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final String TOKEN = "a-token-of-these-tests-only";

  private static final Pattern ADDRESS = Pattern.compile("Serving (http://[^/]+)/");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final CompletableFuture<Result> result = new CompletableFuture<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private final Thread thread;
  private final String address;

  private RunningDaemon(CliCluster cluster, List<String> args) {
    thread =
        new Thread(
            () -> {
              try {
                result.complete(cluster.listening(out, err, args.toArray(String[]::new)));
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            },
            "serve-test");
    thread.start();
    await().atMost(PATIENCE).until(() -> result.isDone() || ADDRESS.matcher(said()).find());
    assertThat(result).as(this::said).isNotDone();
    Matcher matcher = ADDRESS.matcher(said());
    assertThat(matcher.find()).isTrue();
    address = matcher.group(1);
  }

  /** On a free port, with these options besides. */
  static RunningDaemon start(CliCluster cluster, String... options) {
    return at("127.0.0.1:0", cluster, options);
  }

  /** The same, at an address. */
  static RunningDaemon at(String address, CliCluster cluster, String... options) {
    List<String> args = new ArrayList<>(List.of("serve", "--listen", address));
    args.addAll(List.of(options));
    return new RunningDaemon(cluster, args);
  }

  /** The same, and changes are allowed to whoever has the {@link #TOKEN}. */
  static RunningDaemon withToken(CliCluster cluster, String... options) {
    cluster.environment.put("SHARDWRIGHT_TOKEN", TOKEN);
    return start(cluster, options);
  }

  /** An answer. */
  record Reply(int status, String body, HttpResponse<String> response) {
    Reply is(int expected) {
      assertThat(status).as(body).isEqualTo(expected);
      return this;
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  Reply get(String path) {
    return send(request(path).GET());
  }

  /** With the {@link #TOKEN}. */
  Reply getWithToken(String path) {
    return send(request(path).header("Authorization", "Bearer " + TOKEN).GET());
  }

  Reply post(String path, String body) {
    return post(path, body, TOKEN);
  }

  Reply post(String path, String body, @Nullable String token) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return send(token == null ? request : request.header("Authorization", "Bearer " + token));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE);
  }

  Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      return new Reply(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new IllegalStateException(said(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Where it answers, without a slash at the end. */
  String url() {
    return address;
  }

  int port() {
    return URI.create(address).getPort();
  }

  /** All that it has said so far. */
  String said() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  /** Ctrl-C. */
  Result interrupt() {
    thread.interrupt();
    return result.join();
  }

  @Override
  public void close() {
    interrupt().is(130);
  }
}

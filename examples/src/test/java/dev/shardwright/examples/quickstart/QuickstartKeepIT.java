package dev.shardwright.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The demo with {@code --keep}, in a JVM of its own that is interrupted. */
@Tag("slow")
class QuickstartKeepIT {
  private static final Pattern PSQL =
      Pattern.compile("PGPASSWORD=(\\S+) psql -h (\\S+) -p (\\d+) -U (\\S+) (\\S+)");
  private static final Pattern PAGE = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)/");
  private static final Pattern ZOOKEEPER = Pattern.compile("ZooKeeper \\S+:(\\d+), cluster");

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  @Timeout(600)
  void staysUpUntilItIsInterruptedAndLeavesNothing(
      String signal, int exitCode, @TempDir Path directory) throws Exception {
    Path errors = directory.resolve("errors");
    Process demo = start(errors);
    try {
      String printed = untilResult(demo);
      List<MatchResult> connections = PSQL.matcher(printed).results().toList();
      assertThat(connections).as(printed).hasSize(4);
      for (MatchResult connection : connections) {
        assertThat(users(connection)).isPositive();
      }
      String page = page(printed);
      assertThat(read(page)).contains("<title>");
      assertThat(read(page + "api/status")).contains("shard-4");
      assertThat(demo.isAlive()).isTrue();
      List<ProcessHandle> servers = demo.descendants().toList();
      assertThat(servers).hasSizeGreaterThanOrEqualTo(5);

      new ProcessBuilder("kill", "-" + signal, Long.toString(demo.pid())).start().waitFor();

      assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(demo.exitValue()).isEqualTo(exitCode);
      for (ProcessHandle server : servers) {
        server.onExit().get(10, TimeUnit.SECONDS);
      }
      for (int port : ports(printed)) {
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
            .isInstanceOf(ConnectException.class);
      }
      assertThat(Files.readString(errors)).doesNotContain("\tat ", "Exception");
    } finally {
      demo.destroy();
    }
  }

  private static Process start(Path errors) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.log.org.apache.zookeeper.server=error",
            "-cp",
            System.getProperty("java.class.path"),
            Quickstart.class.getName(),
            "--users",
            "20",
            "--seconds",
            "1",
            "--threads",
            "1",
            "--keep")
        .redirectError(errors.toFile())
        .start();
  }

  /** What it printed up to the line that comes last. */
  private static String untilResult(Process demo) throws Exception {
    BufferedReader out = demo.inputReader(StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.startsWith("RESULT ")) {
        break;
      }
    }
    return String.join("\n", lines);
  }

  private static String page(String printed) {
    Matcher address = PAGE.matcher(printed);
    assertThat(address.find()).as(printed).isTrue();
    return address.group();
  }

  private static String read(String address) throws Exception {
    HttpResponse<String> reply =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    return reply.body();
  }

  private static long users(MatchResult psql) throws Exception {
    String url =
        "jdbc:postgresql://%s:%s/%s".formatted(psql.group(2), psql.group(3), psql.group(5));
    try (Connection connection = DriverManager.getConnection(url, psql.group(4), psql.group(1));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select count(*) from users")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static List<Integer> ports(String printed) {
    return Stream.of(
            PSQL.matcher(printed).results().map(psql -> psql.group(3)),
            PAGE.matcher(printed).results().map(page -> page.group(1)),
            ZOOKEEPER.matcher(printed).results().map(zooKeeper -> zooKeeper.group(1)))
        .flatMap(ports -> ports)
        .map(Integer::valueOf)
        .toList();
  }
}

package dev.shardwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as it is delivered: one file, a process of its own. */
@Tag("slow")
class DaemonProcessIT {
  @Test
  @Timeout(120)
  void oneFileServesAllAndStopsInOrderWhenItIsTold(@TempDir Path directory) throws Exception {
    Path err = directory.resolve("err");
    try (CliCluster cluster = CliCluster.withOrders("s1")) {
      ProcessBuilder builder =
          cluster.process("serve", "--listen", "127.0.0.1:0").redirectError(err.toFile());
      Process process = builder.start();
      try (BufferedReader out = process.inputReader()) {
        String line = String.valueOf(out.readLine());
        assertThat(line).as(Files.readString(err)).startsWith("Serving http://127.0.0.1:");
        String address = line.substring("Serving ".length(), line.indexOf("/ until"));
        for (String path :
            List.of("/health", "/metrics", "/api/ring", "/page/lib/uplot/uPlot.esm.js")) {
          HttpResponse<String> reply =
              HttpClient.newHttpClient()
                  .send(
                      HttpRequest.newBuilder(URI.create(address + path)).build(),
                      BodyHandlers.ofString());
          assertThat(reply.statusCode()).as(path + reply.body()).isEqualTo(200);
        }
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 15);
        assertThat(Files.readAllLines(err))
            .anyMatch(said -> said.startsWith("Stopped. What was under way is left"))
            .noneMatch(said -> said.contains("ERROR") || said.contains("Exception"));
        assertThat(cluster.run("status").done().out()).contains("leader   -");
      } finally {
        process.destroyForcibly();
      }
    }
  }
}

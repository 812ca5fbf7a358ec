package dev.shardwright.examples.quickstart;

import dev.shardwright.cli.Cli;
import dev.shardwright.testkit.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The daemon of the demo's cluster, {@code shard-admin serve}, in a process of its own. It ends
 * with its standard input, so with this JVM too.
 */
final class DemoDaemon implements AutoCloseable {
  private static final String SERVING = "Serving ";
  private static final String UNTIL = " until";

  private final Process process;
  private final String address;

  private DemoDaemon(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** The process itself. */
  public static void main(String[] arguments) throws InterruptedException {
    Thread watch = new Thread(DemoDaemon::endWithInput, "quickstart-daemon-parent");
    watch.setDaemon(true);
    watch.start();
    Cli.main(arguments);
  }

  /**
   * Starts it, on a free port of the loopback interface; it serves when this returns.
   *
   * @throws IllegalStateException if it does not, with what it said
   */
  static DemoDaemon start(DemoServers servers) throws IOException {
    Path errors = Files.createTempFile("shardwright-quickstart-daemon-", ".log");
    errors.toFile().deleteOnExit();
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                DemoDaemon.class.getName(),
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--sample-every",
                "10s")
            .redirectError(errors.toFile());
    PostgresServer first = servers.server(servers.ids().get(0));
    builder.environment().put("SHARDWRIGHT_ZOOKEEPER", servers.zooKeeper());
    builder.environment().put("SHARDWRIGHT_CLUSTER", DemoServers.CLUSTER);
    builder.environment().put("SHARDWRIGHT_PASSWORD", DemoServers.APP_PASSWORD);
    builder.environment().put("SHARDWRIGHT_ADMIN_USER", first.user());
    builder.environment().put("SHARDWRIGHT_ADMIN_PASSWORD", first.password());
    Process process = builder.start();
    return new DemoDaemon(process, address(process, errors));
  }

  /** Of its page. */
  String address() {
    return address;
  }

  /** Nothing is lost by that: it may die at any time. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** It says where it serves, or ends. */
  private static String address(Process process, Path errors) throws IOException {
    // Not closed: then the process could say no more.
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    if (line == null || !line.startsWith(SERVING)) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "the daemon did not start: " + Files.readString(errors).strip());
    }
    return line.substring(SERVING.length(), line.indexOf(UNTIL));
  }

  private static void endWithInput() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // It is gone: the same as its end.
    }
    Runtime.getRuntime().halt(0);
  }
}
